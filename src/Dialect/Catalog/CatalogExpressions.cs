using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
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
        VolatileView = view => VolatileQueryOf(view, schema),
    };

    private static readonly ConditionalWeakTable<ISchema, ConcurrentDictionary<uint, BoundQuery?>> s_views = [];

    /// <summary>The query of a view with volatile functions, its own or those of views that it reads; null for another view.</summary>
    private static BoundQuery? VolatileQueryOf(Relation view, ISchema schema)
    {
        if (view.Definition is not { } text)
        {
            return null;
        }

        var known = s_views.GetOrCreateValue(schema);
        if (!known.TryGetValue(view.Oid, out var query))
        {
            var bound = Binder.Bind((Statement)Parser.Parse(text)[0], text, Context(schema, text)).Query;
            query = Trees.IsVolatile(bound) || QueryLowering.Entries(bound).Any(entry =>
                entry is RelationEntry { Relation: { Kind: RelationKind.View } inner } && VolatileQueryOf(inner, schema) is not null) ? bound : null;
            known.TryAdd(view.Oid, query);
        }

        return query;
    }

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
