using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog.Deparsing;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>
/// The expressions and queries that the catalogs hold, as a session sees them. They lie there as PostgreSQL prints them for the default search path; another
/// search path, the pretty form and lines of their own are made by reading and printing them again.
/// </summary>
internal sealed class ShownTexts(SchemaSnapshot snapshot, SchemaNames names, bool pretty)
{
    private readonly bool _asStored = !pretty && names.SeesAsDefault;

    public ShownTexts(CatalogView view, bool pretty)
        : this(view.Snapshot, SchemaNames.Of(view), pretty)
    {
    }

    /// <param name="text">An expression, or several with commas between them.</param>
    /// <param name="relation">The table whose columns it names; null for none.</param>
    public string Expression(string text, Relation? relation)
    {
        // CASE has lines of its own.
        if (_asStored && !text.Contains("CASE", StringComparison.Ordinal))
        {
            return text;
        }

        try
        {
            return Bind(text, relation) is RowExpr { Items.Count: > 1 } row
                ? string.Join(", ", row.Items.Select(item => Print(item, relation)))
                : Print(CatalogExpressions.Bind(text, relation, ExpressionKind.Where, snapshot), relation);
        }
        catch (DialectException)
        {
            // A text that refers to the value of a domain, or that comes from a schema made over HTTP, cannot be read by itself.
            return text;
        }
    }

    public string DomainCheck(string text, TypeInfo domain)
    {
        if (_asStored && !text.Contains("CASE", StringComparison.Ordinal))
        {
            return text;
        }

        var check = CatalogExpressions.DomainChecks(domain, snapshot).FirstOrDefault(check =>
            domain.Constraints.Any(constraint => constraint.Name == check.Name && constraint.Expression == text));
        return check is null ? text : Print(check.Condition, null);
    }

    /// <summary>Null for a view that HTTP has made.</summary>
    public string? View(Relation view)
    {
        if (_asStored || view.Definition is not { } text)
        {
            return view.Definition;
        }

        if (Parser.Parse(text) is not [Query query])
        {
            return text;
        }

        var context = new BindContext(snapshot, SchemaNames.DefaultPath, new ParameterTypes([])) { Text = text };
        return Deparser.View(Binder.Bind(query, text, context).Query, snapshot, [.. view.Attributes.Select(column => column.Name)], pretty, names);
    }

    // In a row several expressions are one.
    private BoundExpression Bind(string text, Relation? relation) =>
        CatalogExpressions.Bind($"ROW({text})", relation, ExpressionKind.Where, snapshot);

    private string Print(BoundExpression value, Relation? relation) => Deparser.Expression(value, snapshot, relation, pretty, names);
}
