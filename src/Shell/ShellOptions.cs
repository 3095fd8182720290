using System.CommandLine;
using System.Globalization;

namespace Rqlite.Pg.Shell;

/// <summary>Where the servers are and how they are reached: the flags of rqlite's own shell.</summary>
internal sealed record ShellOptions
{
    private const string HostVariable = "RQLITE_HOST";

    /// <summary>The servers to be tried, the first one first; each ends with the URL's path, that is with a slash.</summary>
    public required IReadOnlyList<Uri> Servers { get; init; }

    /// <summary>name:password, or null.</summary>
    public string? User { get; init; }

    public bool Insecure { get; init; }

    public string? CaCert { get; init; }

    public string? ClientCert { get; init; }

    public string? ClientKey { get; init; }

    /// <summary>The longest wait for an answer to a statement; null for none.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Runs the shell with the flags, or prints help, the version or what is wrong with them.</summary>
    /// <returns>The process's exit code; 2 for flags that are not understood.</returns>
    public static async Task<int> RunAsync(string[] args, Func<ShellOptions, CancellationToken, Task<int>> run)
    {
        var alternatives = Text("--alternatives", "-a", "other servers, as host:port separated by commas, for when one cannot be reached");
        var scheme = Text("--scheme", "-s", "http or https", "http");
        var host = Text("--host", "-H", "the server's name or address", "127.0.0.1");
        var port = new Option<int>("--port", "-p") { Description = "the server's HTTP port", DefaultValueFactory = _ => 4001 };
        var prefix = Text("--prefix", "-P", "the path before the server's own paths", "/");
        var insecure = new Option<bool>("--insecure", "-i") { Description = "do not verify the server's certificate" };
        var caCert = Text("--ca-cert", "-c", "a file with the certificate of the authority that is trusted");
        var clientCert = Text("--client-cert", "-d", "a file with the client's certificate");
        var clientKey = Text("--client-key", "-k", "a file with the key of the client's certificate");
        var user = Text("--user", "-u", "name:password");
        var timeout = Text("--http-timeout", "-t", "the longest wait for an answer, such as 30s; 0 for no limit", "30s");
        var root = new RootCommand("The shell of rqlite: sends SQL and commands to a server's HTTP API. Reads from a terminal, a pipe or a file.")
        {
            alternatives, scheme, host, port, prefix, insecure, caCert, clientCert, clientKey, user, timeout,
        };
        foreach (var option in root.Options.OfType<VersionOption>())
        {
            option.Aliases.Add("-v");
        }

        root.SetAction(async (parsed, token) =>
        {
            try
            {
                var given = new[] { (Option)scheme, host, port }.Any(o => parsed.GetResult(o) is { Implicit: false });
                var server = !given && Environment.GetEnvironmentVariable(HostVariable) is { Length: > 0 } named
                    ? ServerOf(named, parsed.GetValue(scheme)!, parsed.GetValue(prefix)!)
                    : ServerOf($"{Bracketed(parsed.GetValue(host)!)}:{parsed.GetValue(port)}", parsed.GetValue(scheme)!, parsed.GetValue(prefix)!);
                var others = (parsed.GetValue(alternatives) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                return await run(
                    new ShellOptions
                    {
                        Servers = [server, .. others.Select(o => ServerOf(o, server.Scheme, parsed.GetValue(prefix)!))],
                        User = CheckUser(parsed.GetValue(user)),
                        Insecure = parsed.GetValue(insecure),
                        CaCert = parsed.GetValue(caCert),
                        ClientCert = parsed.GetValue(clientCert),
                        ClientKey = parsed.GetValue(clientKey),
                        Timeout = TimeoutOf(parsed.GetValue(timeout)!),
                    },
                    token).ConfigureAwait(false);
            }
            catch (ShellException e)
            {
                await Console.Error.WriteLineAsync($"rqlite: {e.Message}").ConfigureAwait(false);
                return 2;
            }
        });
        var result = root.Parse(args);
        if (result.Errors.Count > 0)
        {
            foreach (var error in result.Errors)
            {
                await Console.Error.WriteLineAsync($"rqlite: {error.Message}").ConfigureAwait(false);
            }

            return 2;
        }

        return await result.InvokeAsync().ConfigureAwait(false);
    }

    private static Option<string?> Text(string name, string alias, string description, string? standard = null) =>
        new(name, alias) { Description = description, DefaultValueFactory = _ => standard };

    private static string Bracketed(string host) => host.Contains(':', StringComparison.Ordinal) && host[0] != '[' ? $"[{host}]" : host;

    /// <param name="text">[scheme://]host[:port]</param>
    private static Uri ServerOf(string text, string scheme, string prefix)
    {
        var withScheme = text.Contains("://", StringComparison.Ordinal) ? text : $"{scheme}://{text}";
        if (!Uri.TryCreate(withScheme, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
        {
            throw new ShellException($"'{text}' is no address of a server: want [http://|https://]host[:port]");
        }

        var named = withScheme[(withScheme.IndexOf("://", StringComparison.Ordinal) + 3)..].TrimEnd('/');
        var port = named.LastIndexOf(':') > named.LastIndexOf(']') ? uri.Port : 4001;
        return new UriBuilder(uri.Scheme, uri.Host, port, $"/{prefix.Trim('/')}/".Replace("//", "/", StringComparison.Ordinal)).Uri;
    }

    private static string? CheckUser(string? user) => user is null || user.Split(':').Length == 2
        ? user
        : throw new ShellException("--user: want name:password, with one colon");

    private static TimeSpan? TimeoutOf(string text)
    {
        var number = text.TrimEnd('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u');
        var unit = text[number.Length..] switch
        {
            "ms" => TimeSpan.FromMilliseconds(1),
            "s" => TimeSpan.FromSeconds(1),
            "m" => TimeSpan.FromMinutes(1),
            "h" => TimeSpan.FromHours(1),
            "" when number == "0" => TimeSpan.FromSeconds(1),
            _ => TimeSpan.Zero,
        };
        return unit > TimeSpan.Zero && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var count) && count is >= 0 and < 1e6
            ? count == 0 ? null : unit * count
            : throw new ShellException($"--http-timeout: '{text}' is no time; want a number and ms, s, m or h, such as 30s");
    }
}

/// <summary>What the user asked for cannot be done; the message says why.</summary>
internal sealed class ShellException(string message, Exception? inner = null) : Exception(message, inner);
