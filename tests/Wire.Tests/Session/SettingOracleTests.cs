using System.Net;
using System.Text;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Wire.Session;
using Rqlite.Pg.Wire.Tests.Postgres;
using Rqlite.Pg.Wire.Tests.Scripting;
using Rqlite.Pg.Wire.Tests.Values;

namespace Rqlite.Pg.Wire.Tests.Session;

/// <summary>
/// Values of all settings, valid and not, with PostgreSQL's answers in Data/settings.tsv; REWRITE_SETTINGS names a folder to take them down anew.
/// Where we answer otherwise Data/settings-known.tsv says what and why.
/// </summary>
public sealed class SettingOracleTests(PostgresServer postgres) : IClassFixture<PostgresServer>
{
    private static readonly string[][] s_rows = [.. Recorded.Lines("settings.tsv")];

    [Fact]
    public async Task PostgreSQL_answers_as_recorded()
    {
        if (!postgres.Available)
        {
            return;
        }

        await using var client = await WireClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, postgres.Port));
        await client.SendAsync(new ClientMessages().Startup(196608, ("user", "postgres"), ("database", "postgres")).Bytes);
        await client.ReadUntilReadyAsync(1);
        var answers = new List<string>();
        foreach (var row in s_rows)
        {
            var (name, value) = (row[0], Unescape(row[1]).Replace("'", "''", StringComparison.Ordinal));
            await client.SendAsync(new ClientMessages().Query($"set {name} = '{value}'; show {name}; reset {name}").Bytes);
            var frames = await client.ReadUntilReadyAsync(1);
            var error = frames.Find(frame => frame.Code == 'E');
            var shown = frames.Find(frame => frame.Code == 'D')?.RawValues().Single();
            answers.Add(error is null
                ? Line(row, "", "", "", "", Encoding.UTF8.GetString(shown!))
                : Line(row, error.Field('C'), error.Field('M'), error.Field('D'), error.Field('H'), ""));
        }

        if (Environment.GetEnvironmentVariable("REWRITE_SETTINGS") is { Length: > 0 } folder)
        {
            await File.WriteAllLinesAsync(Path.Combine(folder, "settings.tsv"), answers);
            return;
        }

        Assert.Equal(s_rows.Select(row => string.Join('\t', row)), answers);
    }

    [Fact]
    public void We_answer_as_PostgreSQL_does()
    {
        var known = Recorded.Lines("settings-known.tsv").ToDictionary(line => (line[0], line[1]), line => line[2]);
        var differences = new List<string>();
        foreach (var row in s_rows)
        {
            var expected = known.Remove((row[0], row[1]), out var own) ? own : string.Join(" | ", row[2..]);
            var actual = Answer(row);
            if (expected != actual)
            {
                differences.Add($"{row[0]}\t{row[1]}\t{expected}\t{actual}");
            }
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.Empty(known.Keys);
    }

    private static string Answer(string[] row)
    {
        var settings = new Settings();
        settings.SetServer("session_authorization", "postgres");
        settings.BeginTransaction();
        try
        {
            settings.Set(row[0].ToLowerInvariant(), [Unescape(row[1])], local: false);
            return $" |  |  |  | {Escape(settings.Show(row[0]))}";
        }
        catch (DialectException exception)
        {
            return $"{exception.SqlState} | {Escape(exception.Message)} | {Escape(exception.Detail)} | {exception.Hint} | ";
        }
    }

    private static string Line(string[] row, params string?[] answer) => string.Join('\t', [.. row[..2], .. answer.Select(Escape)]);

    private static string Escape(string? text) => text is null ? "" : text.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\t", "\\t", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Unescape(string text) => text.Replace("\\t", "\t", StringComparison.Ordinal)
        .Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
}
