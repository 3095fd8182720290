namespace Rqlite.Pg.Harness.Workloads;

/// <summary>Waits until advisory locks whose sessions have ended are free, as seen from every node.</summary>
internal static class FreeLocks
{
    public static async Task CheckAsync(IReadOnlyList<NodeProcess> nodes, IEnumerable<long> keys)
    {
        foreach (var key in keys)
        {
            var node = nodes[(int)(key % nodes.Count)];
            var answer = "";
            await Until.TrueAsync($"lock {key} is free", async () =>
            {
                try
                {
                    using var session = await PgText.ConnectAsync(node.Options.PgPort);
                    var got = await session.RunAsync($"SELECT pg_try_advisory_lock({key})");
                    answer = got.Ok ? $"{got.Rows[0][0]}" : got.ToString();
                    return got.Ok && got.Rows[0][0] == "t" && (await session.RunAsync($"SELECT pg_advisory_unlock({key})")).Ok;
                }
                catch (IOException e)
                {
                    answer = e.Message;
                    return false;
                }
            }, () => answer);
        }
    }
}
