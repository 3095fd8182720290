using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Rqlite.Pg.Wire.Startup;

/// <summary>The secret keys by which clients cancel the running statements of sessions.</summary>
internal sealed class CancelKeys
{
    private const int ShortKeyBytes = 4;
    private const int LongKeyBytes = 32;

    private readonly ConcurrentDictionary<int, Entry> _entries = new();

    // Process ids are positive in PostgreSQL; a random start keeps a restarted node's ids apart from the old ones.
    private int _last = RandomNumberGenerator.GetInt32(1 << 16, 1 << 30);

    /// <summary>Gives the session an id and a key: 4 bytes in protocol 3.0, 32 from 3.2 on.</summary>
    public Registration Register(StatementCancellation statements, bool longKey)
    {
        var key = RandomNumberGenerator.GetBytes(longKey ? LongKeyBytes : ShortKeyBytes);
        while (true)
        {
            var id = Interlocked.Increment(ref _last) & int.MaxValue;
            if (id != 0 && _entries.TryAdd(id, new Entry(key, statements)))
            {
                return new Registration(this, id, key);
            }
        }
    }

    /// <summary>Interrupts the session's running statement; a wrong key and an idle session look the same to the caller.</summary>
    public void Cancel(int processId, ReadOnlySpan<byte> key)
    {
        if (_entries.TryGetValue(processId, out var entry) && CryptographicOperations.FixedTimeEquals(entry.Key, key))
        {
            entry.Statements.Cancel();
        }
    }

    private sealed record Entry(byte[] Key, StatementCancellation Statements);

    /// <summary>A session's id and key, until it is disposed.</summary>
    public sealed class Registration(CancelKeys owner, int processId, byte[] key) : IDisposable
    {
        public int ProcessId { get; } = processId;

        public ReadOnlySpan<byte> Key => key;

        public void Dispose() => owner._entries.TryRemove(ProcessId, out _);
    }
}
