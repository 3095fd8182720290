using System.Text.Json;

namespace Rqlite.Pg.Shell;

/// <summary>What all nodes tell of themselves, in one file, for those who look for a fault.</summary>
internal static class SystemDump
{
    private static readonly string[] s_paths = ["status?pretty", "nodes?nonvoters&pretty", "readyz", "debug/vars"];

    public static async Task RunAsync(ShellSession session, string[] arguments, CancellationToken token)
    {
        var nodes = await session.Server.AskAsync(HttpMethod.Get, "nodes?nonvoters", null, token).ConfigureAwait(false);
        var addresses = new List<Uri>();
        using (var document = JsonDocument.Parse(nodes))
        {
            foreach (var node in document.RootElement.EnumerateObject())
            {
                if (node.Value.TryGetProperty("api_addr", out var address) && Uri.TryCreate(address.GetString(), UriKind.Absolute, out var uri))
                {
                    addresses.Add(uri);
                }
            }
        }

        var file = new StreamWriter(arguments[0]);
        await using (file.ConfigureAwait(false))
        {
            foreach (var address in addresses)
            {
                foreach (var path in s_paths)
                {
                    await file.WriteLineAsync($"=== {address}{path}").ConfigureAwait(false);
                    await file.WriteLineAsync(await session.Server.AskAtAsync(address, path, token).ConfigureAwait(false)).ConfigureAwait(false);
                }
            }
        }
    }
}
