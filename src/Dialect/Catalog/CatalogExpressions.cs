using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Lowering;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>Reads the expressions whose texts the catalogs hold: defaults, CHECKs, keys and conditions of indexes.</summary>
internal static class CatalogExpressions
{
    /// <summary>What the lowering needs to read of the catalogs.</summary>
    public static LoweringContext Lowering(ISchema schema, string text) => new(schema, text)
    {
        DomainChecks = domain => DomainChecks(domain, schema),
        IndexExpression = (table, expression) => Bind(expression, table, ExpressionKind.IndexExpression, schema),
        GeneratedValue = (table, column) => BindDefault(column.Default!, column, table, schema),
    };

    /// <summary>An expression over the columns of a table, which is relation 1.</summary>
    public static BoundExpression Bind(string text, Relation? table, ExpressionKind kind, ISchema schema) =>
        ExpressionBinder.BindStandalone(Parser.ParseExpression(text), table, kind, Context(schema, text));

    public static BoundExpression BindDefault(string text, Attribute column, Relation? table, ISchema schema) =>
        ExpressionBinder.BindDefault(Parser.ParseExpression(text), column.Name, column.Type, Context(schema, text), table, column.Generated);

    public static IReadOnlyList<DomainCheck> DomainChecks(TypeInfo domain, ISchema schema) =>
    [
        .. domain.Constraints.Where(constraint => constraint.Expression is not null).OrderBy(constraint => constraint.Name, StringComparer.Ordinal)
            .Select(constraint => new DomainCheck(constraint.Name, ExpressionBinder.BindDomainCheck(
                Parser.ParseExpression(constraint.Expression!), domain.Base, Context(schema, constraint.Expression!)))),
    ];

    // The texts name objects as a session with the default search path does.
    private static BindContext Context(ISchema schema, string text) => new(schema, SchemaNames.DefaultPath, new ParameterTypes([])) { Text = text };
}
