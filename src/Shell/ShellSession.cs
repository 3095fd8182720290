using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Rqlite.Pg.Shell;

/// <summary>Carries out statements and commands, and keeps the settings that commands change.</summary>
/// <param name="console">Where everything is printed unless .output names a file.</param>
/// <param name="errors">Where errors are printed.</param>
internal sealed class ShellSession(Server server, TextWriter console, TextWriter errors) : IDisposable
{
    private StreamWriter? _file;

    public Server Server => server;

    /// <summary>Where answers go.</summary>
    public TextWriter Output => _file ?? console;

    public TextWriter Errors => errors;

    public string OutputName { get; private set; } = "stdout";

    /// <summary>A name of <see cref="OutputModes.All"/>.</summary>
    public string Mode { get; set; } = "column";

    public string Consistency { get; set; } = "weak";

    public bool Timer { get; set; }

    public bool Changes { get; set; }

    public bool BlobArray { get; set; }

    public bool ForceWrites { get; set; }

    public bool MultiLine { get; set; } = true;

    /// <summary>A statement or a command has failed so far.</summary>
    public bool Failed { get; private set; }

    /// <summary>The shell is to end.</summary>
    public bool Ended { get; set; }

    /// <summary>Runs one line of input that stands before any statement as a command, if it is one.</summary>
    public static bool IsCommand(string line)
    {
        var text = line.Trim();
        return text.StartsWith('.') || text.TrimEnd(';').ToUpperInvariant() is "QUIT" or "EXIT";
    }

    /// <summary>Carries out a command; what goes wrong is printed.</summary>
    public Task CommandAsync(string line, CancellationToken token) => GuardAsync(() => Commands.RunAsync(this, line.Trim(), token));

    /// <summary>Runs a statement and prints what it brings.</summary>
    public Task StatementAsync(string sql, CancellationToken token) => StatementsAsync([sql], token);

    /// <summary>Runs statements one after the other, as one request that is no transaction.</summary>
    public Task StatementsAsync(IReadOnlyList<string> statements, CancellationToken token) => GuardAsync(async () =>
    {
        var began = Stopwatch.GetTimestamp();
        var path = $"db/{(ForceWrites ? "execute" : "request")}?timings&level={Consistency}{(BlobArray ? "&blob_array" : "")}";
        var answer = await server.AskAsync(
            HttpMethod.Post, path, () => new StringContent(JsonSerializer.Serialize(statements), Encoding.UTF8, "application/json"), token).ConfigureAwait(false);
        foreach (var result in ResultSet.Read(answer))
        {
            Print(result, Stopwatch.GetElapsedTime(began).TotalSeconds);
        }
    });

    /// <summary>Prints the rows of a query of the shell's own.</summary>
    public async Task ListAsync(string sql, CancellationToken token)
    {
        var answer = await server.AskAsync(
            HttpMethod.Post, $"db/query?level={Consistency}", () => new StringContent(JsonSerializer.Serialize<string[]>([sql]), Encoding.UTF8, "application/json"),
            token).ConfigureAwait(false);
        foreach (var result in ResultSet.Read(answer))
        {
            Print(result, null);
        }
    }

    public void Fail(string message)
    {
        Failed = true;
        Output.Flush();
        errors.WriteLine($"Error: {message}");
        errors.Flush();
    }

    /// <summary>Sends what is printed from now on to a file; null for the console.</summary>
    public void SetOutput(string? path)
    {
        StreamWriter? opened;
        try
        {
            opened = path is null ? null : new StreamWriter(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ShellException($"{path} cannot be written: {e.Message}", e);
        }

        _file?.Dispose();
        (_file, OutputName) = (opened, path ?? "stdout");
    }

    public void Dispose() => _file?.Dispose();

    private async Task GuardAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (ShellException e)
        {
            Fail(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(e.Message);
        }
        finally
        {
            await Output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private void Print(ResultSet result, double? seconds)
    {
        if (result.Columns is { Count: > 0 })
        {
            OutputModes.All[Mode](Output, result);
        }

        if (result.Error is { } error)
        {
            Fail(error);
        }
        else if (result.Columns is null && seconds is not null)
        {
            var time = Timer && result.Seconds is { } own ? string.Create(CultureInfo.InvariantCulture, $" ({own:F6} sec)") : "";
            Output.WriteLine($"{result.RowsAffected} {(result.RowsAffected == 1 ? "row" : "rows")} affected{time}");
            if (Changes && result.LastInsertId is { } id)
            {
                Output.WriteLine($"last insert id: {id}");
            }
        }

        if (Timer && seconds is { } all)
        {
            Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Run Time: {result.Seconds ?? all:F6} seconds"));
        }
    }
}
