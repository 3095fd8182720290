using System.Runtime.InteropServices;
using Rqlite.Pg.Cluster.Membership;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>
/// The process that dies for <see cref="AcknowledgedAppendTests"/>: it appends as a follower does, says so, and is killed by the signal
/// that it sends itself. From outside the signal would come some milliseconds later, and by then the log has often flushed by itself.
/// </summary>
internal static class FollowerChild
{
    public const string Output = "ready\nacknowledged\n";
    public const int Entries = 100;
    public const long Term = 5;

    private const int SignalKill = 9;

    public static string Text(int entry) => $"entry {entry}";

    public static async Task<int> RunAsync(string directory)
    {
        await using var log = Open(directory, new MemoryStorage());
        await log.InitializeAsync();
        using var output = Console.OpenStandardOutput();

        // What is called for the first time takes long: the last moments are rehearsed.
        output.Write("ready\n"u8);
        _ = kill(Environment.ProcessId, 0);
        await log.UpdateTermAsync(Term, true, CancellationToken.None);
        var entries = Enumerable.Range(1, Entries).Select(static i => (Term, Text(i))).ToArray();

        // The call that an append of a leader comes down to; the commit index does not move, as with every entry that is new.
        await log.AppendAsync(new EntryProducer(entries, entries.Length), 1, true);
        output.Write("acknowledged\n"u8);
        _ = kill(Environment.ProcessId, SignalKill);
        return 3;
    }

    public static DurableLog Open(string directory, MemoryStorage storage)
        => DurableLog.Open(
            directory, new BasePoint(0, 0), new LogStateMachine(storage, storage, new MemberStore(Path.Combine(directory, "members"))),
            static (_, _) => { });

    [DllImport("libc")]
    private static extern int kill(int process, int signal);
}
