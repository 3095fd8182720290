using System.Text;
using System.Text.Json;
using RadLine;
using Rqlite.Pg.Shell;
using Spectre.Console;

// 0: everything has succeeded; 1: a statement or a command has failed, or no server was reached; 2: the flags are wrong.
return await ShellOptions.RunAsync(args, async (options, token) =>
{
    using var server = new Server(options);
    var interactive = !Console.IsInputRedirected && LineEditor.IsSupported(AnsiConsole.Console);
    var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 64 << 10);
    await using (output.ConfigureAwait(false))
    {
        using var session = new ShellSession(server, output, Console.Error);
        if (!interactive)
        {
            using var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
            await InputFile.RunAsync(session, input, token).ConfigureAwait(false);
            return session.Failed ? 1 : 0;
        }

        try
        {
            using var status = JsonDocument.Parse(await server.AskAsync(HttpMethod.Get, "status", null, token).ConfigureAwait(false));
            var version = status.RootElement.TryGetProperty("build", out var build) && build.TryGetProperty("version", out var told) ? told.GetString() : "unknown";
            output.WriteLine($"Welcome to the rqlite shell.\nEnter \".help\" for usage hints.\nConnected to {server.Address.GetLeftPart(UriPartial.Authority)} running version {version}");
            output.Flush();
        }
        catch (Exception e) when (e is ShellException or JsonException)
        {
            session.Fail(e.Message);
            return 1;
        }

        await Terminal.RunAsync(session, token).ConfigureAwait(false);
        return 0;
    }
}).ConfigureAwait(false);
