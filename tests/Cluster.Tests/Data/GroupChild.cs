using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>
/// The process that dies for <see cref="KilledGroupTests"/>: a node with one voter and clients that write. It says what it has acknowledged,
/// and kills itself when its log has agreed to a group of transactions and SQLite is about to commit them.
/// </summary>
internal static class GroupChild
{
    /// <summary>Identities of rows are those of a life from this number on.</summary>
    public const int IdsOfLife = 1_000_000;

    private const int IdsOfClient = 10_000;
    private const int Interactive = 8;
    private const int Autocommit = 2;
    private const int SignalKill = 9;

    private static readonly Stream s_output = Console.OpenStandardOutput();

    public static string Storage(string directory) => Path.Combine(directory, "db");

    public static async Task<ClusterNode> StartAsync(string directory) => await ClusterNode.StartAsync(
        new()
        {
            NodeId = "n1",
            DataDirectory = directory,
            RaftAddress = $"127.0.0.1:{TestCluster.FreePort()}",
            HeartbeatTimeout = TimeSpan.FromMilliseconds(400),
            ElectionTimeout = TimeSpan.FromMilliseconds(400),
            TrailingEntries = 1_000_000,
            SnapshotStep = 1_000_000,
            Requests = new() { GroupTimeMax = TimeSpan.FromSeconds(5), GroupSliceMax = TimeSpan.MaxValue },
        },
        new StorageOptions { Directory = Storage(directory) }, NullLoggerFactory.Instance, default);

    public static async Task<int> RunAsync(string directory, string life, string members)
    {
        var firstId = int.Parse(life, CultureInfo.InvariantCulture) * IdsOfLife;
        var membersMin = int.Parse(members, CultureInfo.InvariantCulture);
        await using var node = await StartAsync(directory);
        await TestCluster.Until(() => node.Ready && node.IsLeader, "a leader");
        await node.Database.ExecuteAsync(
            "CREATE TABLE IF NOT EXISTS history(id PRIMARY KEY, r, at DEFAULT (now()))", "CREATE TABLE IF NOT EXISTS hot(n)",
            "INSERT INTO hot SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM hot)");
        var left = Interactive;
        node.Storage.Writer.Committing = count =>
        {
            // Some have been answered by then: there is something to lose.
            if (count >= membersMin && Volatile.Read(ref left) <= 0)
            {
                Say($"killed {node.Storage.AppliedIndex} {count}");
                _ = kill(Environment.ProcessId, SignalKill);
            }
        };
        var clients = Enumerable.Range(0, Interactive + Autocommit).Select(i => Task.Run(async () =>
        {
            for (var id = firstId + (i * IdsOfClient); id < firstId + ((i + 1) * IdsOfClient); id++)
            {
                await (i < Interactive ? TransactAsync(node.Database, id) : InsertAsync(node.Database, id));
                Say($"done {id}");
                Interlocked.Decrement(ref left);
            }
        }));
        await Task.WhenAll(clients);
        return 3;
    }

    private static async Task InsertAsync(IDatabase database, int id)
    {
        var texts = await database.ExecuteAsync(Sql.Atomic($"INSERT INTO history(id, r) VALUES({id}, random())", "UPDATE hot SET n = n + 1"), WriteOptions.Default, default).TextAsync();
        Require("changed 1", texts[1]);
    }

    private static async Task TransactAsync(IDatabase database, int id)
    {
        await using var transaction = await database.BeginAsync(new() { WriterSlice = TimeSpan.FromHours(1), UnixMicroseconds = id }, null, default);
        Require("changed 1", await RunAsync(transaction, $"INSERT INTO history(id, r) VALUES({id}, random())"));
        var n = long.Parse(await RunAsync(transaction, "SELECT n FROM hot"), CultureInfo.InvariantCulture);
        await Task.Yield();
        Require("changed 0", await RunAsync(transaction, $"@DELETE FROM _rqlite_call WHERE _rqlite_rewrite_definition('table', 'hot', 'CREATE TABLE hot(n /* {id} */)')"));
        Require("changed 1", await RunAsync(transaction, $"UPDATE hot SET n = {n + 1}"));
        Require("", (await transaction.CommitAsync(default)).Error?.Message ?? "");
    }

    private static async Task<string> RunAsync(ITransaction transaction, string sql)
    {
        await using var cursor = await transaction.RunAsync(Sql.Statement(sql), null, default);
        return await Sql.TextAsync(cursor);
    }

    private static void Require(string expected, string text)
    {
        if (text != expected)
        {
            throw new InvalidOperationException(text);
        }
    }

    private static void Say(string line)
    {
        lock (s_output)
        {
            s_output.Write(Encoding.ASCII.GetBytes(line + "\n"));
        }
    }

    [DllImport("libc")]
    private static extern int kill(int process, int signal);
}
