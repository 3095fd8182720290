namespace Rqlite.Pg.Types.Tests;

/// <summary>Compares every recorded answer of PostgreSQL 15; disagreements that stand are named in Data/known.tsv.</summary>
public sealed class OracleTests
{
    [Theory]
    [InlineData("numeric")]
    [InlineData("numbers")]
    [InlineData("times")]
    [InlineData("time-arithmetic")]
    [InlineData("intervals")]
    [InlineData("zones")]
    [InlineData("texts")]
    [InlineData("arrays")]
    [InlineData("json")]
    [InlineData("network")]
    [InlineData("ranges")]
    public void Answers_are_those_of_PostgreSQL(string family)
    {
        var known = KnownDifferences.Of(family);
        var wrong = new List<string>();
        var rows = 0;
        foreach (var row in OracleRow.Read(family))
        {
            rows++;
            var actual = OracleAnswers.Answer(row);
            var differs = actual != row.Outcome;
            if (differs != known.Remove(row.Shown))
            {
                wrong.Add(differs ? $"{row.Shown}: {actual}, not {row.Outcome}" : $"{row.Shown}: agrees, but is listed as a known difference");
            }
        }

        if (Environment.GetEnvironmentVariable("ORACLE_REPORT") is { Length: > 0 } folder)
        {
            File.WriteAllLines(Path.Combine(folder, family + ".txt"), wrong.Prepend($"{rows} rows, {wrong.Count} differ"));
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {rows} differ:\n" + string.Join('\n', wrong.Take(40)));
        Assert.True(rows > 100, $"only {rows} rows are recorded");
        Assert.Empty(known);
    }
}
