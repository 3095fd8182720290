using System.Globalization;
using System.Text;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;

namespace Rqlite.Pg.Shell;

/// <summary>Inserts the rows of a CSV file, some hundred at a time, each such part as a transaction.</summary>
internal static class CsvImport
{
    private const int RowsMax = 500;
    private const int LengthMax = 1 << 20;

    public static async Task RunAsync(ShellSession session, string file, string table, CancellationToken token)
    {
        var bytes = new FileInfo(file).Length;
        var rows = 0L;
        try
        {
            await ProgressBar.RunAsync(session, file, async progress =>
            {
                progress.SetTotal(bytes);
                rows = await InsertAsync(session, file, table, progress, token).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
        catch (CsvHelperException e)
        {
            throw new ShellException($"{file} is not CSV: {e.Message.Split('\n')[0].Trim()}", e);
        }

        session.Output.WriteLine($"{rows} rows imported into {table}");
    }

    private static async Task<long> InsertAsync(ShellSession session, string file, string table, TransferProgress progress, CancellationToken token)
    {
        using var reader = new StreamReader(file);
        using var csv = new CsvReader(reader, new CsvConfiguration(CultureInfo.InvariantCulture) { DetectColumnCountChanges = false });
        if (!await csv.ReadAsync().ConfigureAwait(false) || !csv.ReadHeader() || csv.HeaderRecord is not { Length: > 0 } header)
        {
            throw new ShellException($"{file} is empty");
        }

        var columns = string.Join(", ", header.Select(Quoted));
        await WriteAsync(session, [new object[] { $"CREATE TABLE IF NOT EXISTS {Quoted(table)} ({string.Join(", ", header.Select(c => Quoted(c) + " TEXT"))})" }], token)
            .ConfigureAwait(false);
        var insert = $"INSERT INTO {Quoted(table)} ({columns}) VALUES ({string.Join(", ", header.Select(static _ => "?"))})";
        var part = new List<object[]>();
        var (rows, length, told) = (0L, 0, 0L);
        while (await csv.ReadAsync().ConfigureAwait(false))
        {
            if (csv.Parser.Count != header.Length)
            {
                throw new ShellException(
                    $"{file}, line {csv.Parser.RawRow}: {csv.Parser.Count} values, not {header.Length}; the {rows - part.Count} rows before its part were imported");
            }

            part.Add([insert, .. csv.Parser.Record!]);
            length += csv.Parser.RawRecord.Length;
            rows++;
            if (part.Count >= RowsMax || length >= LengthMax)
            {
                await FlushAsync().ConfigureAwait(false);
            }
        }

        await FlushAsync().ConfigureAwait(false);
        return rows;

        async Task FlushAsync()
        {
            if (part.Count > 0)
            {
                try
                {
                    await WriteAsync(session, part, token).ConfigureAwait(false);
                }
                catch (ShellException e)
                {
                    throw new ShellException(
                        $"{file}, near line {csv.Parser.RawRow}: {e.Message}; the {rows - part.Count} rows before its part were imported", e);
                }

                part.Clear();
                length = 0;
                progress.Add(reader.BaseStream.Position - told);
                told = reader.BaseStream.Position;
            }
        }
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static async Task WriteAsync(ShellSession session, IReadOnlyList<object[]> statements, CancellationToken token)
    {
        var answer = await session.Server.AskAsync(
            HttpMethod.Post, "db/execute?transaction", () => new StringContent(JsonSerializer.Serialize(statements), Encoding.UTF8, "application/json"), token)
            .ConfigureAwait(false);
        if (ResultSet.Read(answer).FirstOrDefault(static result => result.Error is not null) is { Error: { } error })
        {
            throw new ShellException(error);
        }
    }
}
