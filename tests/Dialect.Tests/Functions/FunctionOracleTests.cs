using System.Text.RegularExpressions;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Tests.Functions;

/// <summary>
/// Compares every recorded answer of PostgreSQL 15; disagreements that stand are named in Data/functions-known.tsv. ORACLE_REPORT=folder writes
/// all differences.
/// </summary>
public sealed class FunctionOracleTests
{
    private const int RowsMin = 5;

    /// <summary>The errors for values that PostgreSQL has and this server does not store.</summary>
    private static readonly string[] s_notStored =
    [
        "|Years from 1 to 9999 can be stored.|", "!0A000|arrays with lower bounds other than 1 are not supported|",
    ];

    public static TheoryData<string> Families => [.. FunctionRow.Families];

    [Theory]
    [MemberData(nameof(Families))]
    public async Task Answers_are_those_of_PostgreSQL(string family)
    {
        await using var runner = new FunctionRunner();
        var known = FunctionRow.Known(family);
        var wrong = new List<string>();
        var rows = 0;
        foreach (var row in FunctionRow.Read(family))
        {
            rows++;
            if (await runner.AnswerAsync(row) is not { } actual)
            {
                continue;
            }

            var differs = Shown(row, actual) != Shown(row, row.Outcome)
                && !s_notStored.Any(limit => actual.Contains(limit, StringComparison.Ordinal));
            if (differs != known.Remove(row.Shown))
            {
                wrong.Add(differs ? $"{row.Shown}: {actual}, not {row.Outcome}" : $"{row.Shown}: agrees, but is listed as a known difference");
            }
        }

        if (Environment.GetEnvironmentVariable("ORACLE_REPORT") is { Length: > 0 } folder)
        {
            File.WriteAllLines(Path.Combine(folder, $"functions-{family}.txt"), wrong.Prepend($"{rows} rows, {wrong.Count} differ"));
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {rows} differ:\n" + string.Join('\n', wrong.Take(40)));
        Assert.Empty(known);
    }

    [Fact]
    public void Every_function_that_works_is_recorded()
    {
        var counts = FunctionRow.Families.SelectMany(FunctionRow.Read).GroupBy(r => r.Signature).ToDictionary(g => g.Key, g => g.Count());
        var unrecorded = FunctionRow.Unrecorded();
        var missing = Implementations.All.Where(i => i is not (SpecialForm or ResultFunction)).Select(i => i.Function)
            .Where(f => counts.GetValueOrDefault(f.Signature) < Wanted(f)).Select(f => f.Signature).ToHashSet();
        if (Environment.GetEnvironmentVariable("ORACLE_REPORT") is { Length: > 0 } folder)
        {
            File.WriteAllLines(Path.Combine(folder, "functions-unrecorded.txt"), missing.Except(unrecorded).Order(StringComparer.Ordinal));
        }

        Assert.Equal("", string.Join('\n', missing.Except(unrecorded).Order(StringComparer.Ordinal)));
        Assert.Equal("", string.Join('\n', unrecorded.Except(missing).Order(StringComparer.Ordinal)));
    }

    /// <summary>Values of char(n) are stored without blanks at the end, which come back with the type's length.</summary>
    private static string Shown(FunctionRow row, string outcome) => row.Results is [PgTypes.BpChar]
        ? Regex.Replace(outcome, " +(?=; |$)", "")
        : outcome;

    private static int Wanted(PgFunction function) =>
        function.Arguments.Count == 0 ? 1 : function.Arguments.All(t => t == PgTypes.Bool) ? 3 : RowsMin;
}
