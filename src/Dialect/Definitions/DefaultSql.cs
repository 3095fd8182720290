using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Lowering;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>
/// Defaults in SQLite's dialect. They serve clients of HTTP: statements of PostgreSQL's dialect write defaults themselves. So one that SQLite
/// cannot have is left out.
/// </summary>
internal static class DefaultSql
{
    /// <param name="names">The names as the text's author saw them.</param>
    public static string? Of(BoundExpression value, SchemaNames names, LoweringContext lowering)
    {
        if (SequenceOf(value, names, lowering.Schema) is { } sequence)
        {
            return $"nextval({TableSql.Literal(TableSql.Quote(sequence))})";
        }

        try
        {
            return AsksSession(value) ? null : Lowerer.LowerExpression(value, null, lowering);
        }
        catch (DialectException e) when (e.SqlState == SqlState.FeatureNotSupported)
        {
            return null;
        }
    }

    /// <summary>The sequence from which a default draws, as its name in SQLite; null if it is no call of nextval.</summary>
    public static string? SequenceOf(BoundExpression value, SchemaNames names, ISchema schema)
    {
        while (value is FuncExpr { Form: CallForm.ImplicitCast, Arguments: [var argument, ..] })
        {
            value = argument;
        }

        return value is FuncExpr { Function.Name: "nextval", Arguments: [var name] } && RegConstants.OidOf(name, names) is { } oid
            ? schema.FindRelation(oid)?.SqliteName
            : null;
    }

    // Names of objects and settings of a session mean nothing over HTTP.
    private static bool AsksSession(BoundExpression value) => BoundWalk.Find(value, (node, _) =>
        node is SqlValueExpr { Type.Oid: PgTypes.Name } || RegConstants.IsRegType(node.Type.Oid)) is not null;
}
