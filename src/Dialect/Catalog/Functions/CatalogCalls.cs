using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>What functions about the catalogs have in common.</summary>
internal static class CatalogCalls
{
    /// <summary>Registers a function whose answer depends on the session's role, database, settings or search path.</summary>
    public static void Session(this FunctionRegistry registry, string signature, FunctionBody body) =>
        registry.Call(signature, body, asksSession: true);

    public static CatalogView View(this in FunctionCall call) => CatalogView.Of(call.Statement);

    public static SchemaNames Names(this in FunctionCall call) => SchemaNames.Of(call.View());

    /// <summary>An OID; a number that cannot be one is none.</summary>
    public static uint Oid(this in FunctionCall call, int argument) => call.Integer(argument) is >= 0 and <= uint.MaxValue and var oid ? (uint)oid : 0;

    /// <summary>Answers with a text, or with null.</summary>
    public static void ReturnOrNull(this in FunctionCall call, string? text)
    {
        if (text is null)
        {
            call.ReturnNull();
        }
        else
        {
            call.ReturnText(text);
        }
    }

    /// <summary>Answers with a truth value, or with null.</summary>
    public static void ReturnOrNull(this in FunctionCall call, bool? value)
    {
        if (value is { } known)
        {
            call.Return(known);
        }
        else
        {
            call.ReturnNull();
        }
    }

    /// <summary>The relation that a text names.</summary>
    /// <exception cref="TypeException">42P01.</exception>
    public static Relation RelationNamed(this in FunctionCall call, int argument) =>
        call.Names().FindRelation(call.String(argument), out var shown)
        ?? throw new TypeException(SqlState.UndefinedTable, $"relation \"{shown}\" does not exist");
}
