using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The built-in functions, operators and casts, as far as they can be used.</summary>
internal static class PgProc
{
    public static SqlTable Create(WorkingFunctions working) => new CatalogTableBuilder<PgFunction>("pg_catalog", "pg_proc")
        .Key("oid", function => function.Oid)
        .Key("proname", function => function.Name)
        .Column("prolang", function => FunctionDetails.Of(function.Oid).Language)
        .Column("procost", function => FunctionDetails.Of(function.Oid).Cost)
        .Column("prorows", function => FunctionDetails.Of(function.Oid).Rows)
        .Column("provariadic", function => function.VariadicType)
        .Column("prosupport", function => FunctionDetails.Of(function.Oid).Support)
        .Column("prokind", function => function.Kind)
        .Column("proleakproof", function => FunctionDetails.Of(function.Oid).LeakProof)
        .Column("proisstrict", function => function.Strict)
        .Column("proretset", function => function.ReturnsSet)
        .Column("provolatile", function => function.Volatility switch { Volatility.Immutable => 'i', Volatility.Stable => 's', _ => 'v' })
        .Column("proparallel", function => FunctionDetails.Of(function.Oid).Parallel)
        .Column("pronargs", function => function.Arguments.Count)
        .Column("pronargdefaults", function => function.Defaults)
        .Column("prorettype", function => function.ReturnType)
        .Column("proargtypes", function => Cell.Vector(function.Arguments))
        .Column("proallargtypes", function => function.AllTypes.Count == 0 ? Cell.Null : Cell.Array(function.AllTypes))
        .Column("proargmodes", function => function.AllTypes.Count == 0 ? Cell.Null : Cell.TextArray([.. function.Modes.Select(mode => mode.ToString())]))
        .Column("proargnames", function => function.Names.Count == 0 ? Cell.Null : Cell.TextArray(function.Names))
        .Column("proargdefaults", function => function.DefaultValues.Count == 0 ? Cell.Null : string.Join(", ", function.DefaultValues))
        .Column("prosrc", function => function.Source)
        .Column("prosqlbody", function => FunctionDetails.BodyOf(function.Oid))
        .Column("pronamespace", function => SystemCatalog.SchemaOid(function.Schema))
        .Same(ClassOids.Owner, "proowner")
        .Same(false, "prosecdef")
        .Null("protrftypes", "probin", "proconfig", "proacl")
        .Common(() => Builtins.Functions.Where(working.IsListed))
        .Build();

    public static SqlTable CreateOperators(WorkingFunctions working) => new CatalogTableBuilder<PgOperator>("pg_catalog", "pg_operator")
        .Key("oid", op => op.Oid)
        .Key("oprname", op => op.Name)
        .Column("oprkind", op => op.Left == 0 ? 'l' : 'b')
        .Column("oprcanmerge", op => op.CanMerge)
        .Column("oprcanhash", op => op.CanHash)
        .Column("oprleft", op => op.Left)
        .Column("oprright", op => op.Right)
        .Column("oprresult", op => op.Result)
        .Column("oprcom", op => op.Commutator)
        .Column("oprnegate", op => op.Negator)
        .Column("oprcode", op => op.Code)
        .Column("oprrest", op => OperatorEstimators.Of(op.Oid).Restriction)
        .Column("oprjoin", op => OperatorEstimators.Of(op.Oid).Join)
        .Same(SystemCatalog.PgCatalog, "oprnamespace")
        .Same(ClassOids.Owner, "oprowner")
        .Common(() => Builtins.Operators.Where(op => working.Works(op.Code)))
        .Build();

    public static SqlTable CreateCasts(WorkingFunctions working) => new CatalogTableBuilder<PgCast>("pg_catalog", "pg_cast")
        .Key("oid", cast => cast.Oid)
        .Key("castsource", cast => cast.Source)
        .Key("casttarget", cast => cast.Target)
        .Column("castfunc", cast => cast.Function)
        .Column("castcontext", cast => cast.Context)
        .Column("castmethod", cast => cast.Method)
        .Common(() => Builtins.Casts.Where(cast => cast.Function == 0 || working.Works(cast.Function)))
        .Build();

    public static SqlTable CreateAggregates(WorkingFunctions working) =>
        StaticTables.Create("pg_aggregate", row => working.Works(row.Oid(0)), "aggfnoid");
}

/// <summary>Which functions can be called.</summary>
internal sealed class WorkingFunctions(Func<PgFunction, bool> works)
{
    // Window functions have no implementation of their own: SQLite has the same ones.
    private readonly Lazy<HashSet<uint>> _working = new(() =>
        Builtins.Functions.Where(function => function.Kind == 'w' || works(function)).Select(function => function.Oid).ToHashSet());

    // Clients find out about a type by the functions in its row.
    private readonly Lazy<HashSet<uint>> _ofTypes = new(() => TypeFacts.Common
        .SelectMany(type => new[] { type.Input, type.Output, type.Receive, type.Send, type.ModifierInput, type.ModifierOutput })
        .Concat(Builtins.FunctionsNamed("enum_in").Concat(Builtins.FunctionsNamed("enum_out")).Concat(Builtins.FunctionsNamed("enum_recv"))
            .Concat(Builtins.FunctionsNamed("enum_send")).Select(function => function.Oid))
        .ToHashSet());

    public bool Works(uint function) => _working.Value.Contains(function);

    public bool IsListed(PgFunction function) => Works(function.Oid) || _ofTypes.Value.Contains(function.Oid);
}
