namespace Rqlite.Pg.Dialect.Data;

/// <summary>How much a function's answer varies (pg_proc.provolatile).</summary>
public enum Volatility : byte
{
    Immutable,
    Stable,
    Volatile,
}

/// <summary>A row of pg_proc.</summary>
/// <param name="Kind">The character of prokind: f(unction), a(ggregate), w(indow), p(rocedure).</param>
/// <param name="VariadicType">The type of one variadic argument (provariadic); 0 for none.</param>
/// <param name="Defaults">How many of the last arguments have defaults.</param>
/// <param name="Arguments">The types of the input arguments.</param>
/// <param name="AllTypes">The types of all arguments, with those that are output; empty if there are only input ones.</param>
/// <param name="Modes">The characters of proargmodes, one a type in <paramref name="AllTypes"/>.</param>
/// <param name="Names">The names of all arguments; empty if they have none.</param>
/// <param name="Signature">As regprocedure prints it, for example <c>lower(text)</c>.</param>
public sealed record PgFunction(
    uint Oid, string Name, char Kind, Volatility Volatility, bool Strict, bool ReturnsSet, uint VariadicType, int Defaults, uint ReturnType,
    IReadOnlyList<uint> Arguments, IReadOnlyList<uint> AllTypes, string Modes, IReadOnlyList<string> Names, string Source, string Signature)
{
    /// <summary>The values of the last arguments that have defaults, as SQL; one each.</summary>
    public IReadOnlyList<string> DefaultValues { get; init; } = [];

    public string Schema => Signature.StartsWith("information_schema.", StringComparison.Ordinal) ? "information_schema" : "pg_catalog";

    /// <summary>The SQL function that carries this one out: names never change, since schemas and logs hold them.</summary>
    public string SqliteName { get; } = $"pg_{Name}_{Oid}";
}

/// <summary>A row of pg_operator.</summary>
/// <param name="Left">The type of the left operand; 0 for a prefix operator.</param>
/// <param name="Code">The function that carries it out.</param>
/// <param name="Commutator">0 for none.</param>
public sealed record PgOperator(
    uint Oid, string Name, uint Left, uint Right, uint Result, uint Code, uint Commutator, uint Negator, bool CanMerge, bool CanHash);

/// <summary>A row of pg_cast.</summary>
/// <param name="Context">The character of castcontext: e(xplicit), a(ssignment), i(mplicit).</param>
/// <param name="Method">The character of castmethod: f(unction), i(nout), b(inary coercible).</param>
/// <param name="Function">0 without one.</param>
public sealed record PgCast(uint Oid, uint Source, uint Target, char Context, char Method, uint Function);

/// <summary>A row of pg_aggregate.</summary>
/// <param name="Kind">The character of aggkind: n(ormal), o(rdered set), h(ypothetical set).</param>
public sealed record PgAggregate(uint Function, char Kind, int DirectArguments, uint SortOperator);
