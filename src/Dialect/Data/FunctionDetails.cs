using System.Collections.Frozen;
using System.Globalization;

namespace Rqlite.Pg.Dialect.Data;

/// <summary>What pg_proc says of a function besides <see cref="PgFunction"/>.</summary>
/// <param name="Support">The planner's support function; 0 for none.</param>
/// <param name="Parallel">The character of proparallel.</param>
internal sealed record FunctionDetails(uint Language, float Cost, float Rows, uint Support, bool LeakProof, char Parallel)
{
    private const uint Internal = 12;

    // Most functions have these.
    private static readonly FunctionDetails s_usual = new(Internal, 1, 0, 0, false, 's');

    private static readonly Lazy<FrozenDictionary<uint, FunctionDetails>> s_others = new(() =>
        TableFile.Read("pg-function-details.tsv").ToFrozenDictionary(f => TableFile.Oid(f[0]), f => new FunctionDetails(
            TableFile.Oid(f[1]), float.Parse(f[2], CultureInfo.InvariantCulture), float.Parse(f[3], CultureInfo.InvariantCulture),
            TableFile.Oid(f[4]), f[5] == "t", f[6][0])));

    // The text that pg_get_function_sqlbody prints, with \n for the ends of lines.
    private static readonly Lazy<FrozenDictionary<uint, string>> s_bodies = new(() =>
        TableFile.Read("pg-function-bodies.tsv").ToFrozenDictionary(f => TableFile.Oid(f[0]), f => f[1].Replace("\\n", "\n", StringComparison.Ordinal)));

    public static FunctionDetails Of(uint function) => s_others.Value.GetValueOrDefault(function, s_usual);

    /// <summary>The printed body of a function in SQL whose row holds it analyzed (prosqlbody); null for all others.</summary>
    public static string? BodyOf(uint function) => s_bodies.Value.GetValueOrDefault(function);
}

/// <summary>The functions by which PostgreSQL's planner estimates an operator (oprrest, oprjoin).</summary>
internal sealed record OperatorEstimators(uint Restriction, uint Join)
{
    private static readonly OperatorEstimators s_none = new(0, 0);

    private static readonly Lazy<FrozenDictionary<uint, OperatorEstimators>> s_all = new(() =>
        TableFile.Read("pg-operator-estimators.tsv").ToFrozenDictionary(
            f => TableFile.Oid(f[0]), f => new OperatorEstimators(TableFile.Oid(f[1]), TableFile.Oid(f[2]))));

    public static OperatorEstimators Of(uint @operator) => s_all.Value.GetValueOrDefault(@operator, s_none);
}
