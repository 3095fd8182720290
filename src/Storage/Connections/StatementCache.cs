using System.Diagnostics.CodeAnalysis;

namespace Rqlite.Pg.Storage;

/// <summary>Prepared statements of one connection by text, the least recently used leaving first; one in use is never dropped.</summary>
internal sealed class StatementCache : IDisposable
{
    private const int TextBytesMax = 64 << 10;
    private const int KindCount = 4;

    private readonly Connection _connection;
    private readonly int _countMax;
    private readonly LinkedList<StatementHandle> _byUse = new();
    private readonly Dictionary<byte[], StatementHandle>[] _byText = new Dictionary<byte[], StatementHandle>[KindCount];
    private readonly Dictionary<byte[], StatementHandle>.AlternateLookup<ReadOnlySpan<byte>>[] _lookup;

    public StatementCache(Connection connection, int countMax)
    {
        _connection = connection;
        _countMax = countMax;
        _lookup = new Dictionary<byte[], StatementHandle>.AlternateLookup<ReadOnlySpan<byte>>[KindCount];
        for (var i = 0; i < KindCount; i++)
        {
            _byText[i] = new(TextComparer.Instance);
            _lookup[i] = _byText[i].GetAlternateLookup<ReadOnlySpan<byte>>();
        }
    }

    /// <summary>True if the text is short enough to be a key. Hashing a longer one at each of its statements would be quadratic.</summary>
    public static bool Keeps(ReadOnlySpan<byte> sql) => sql.Length <= TextBytesMax;

    /// <summary>
    /// A statement for exclusive use until <see cref="Return"/>; null with no error for an empty text. The connection's options are set.
    /// </summary>
    /// <param name="ours">See <see cref="Statement.IsOurs"/>.</param>
    public StatementHandle? Rent(ReadOnlySpan<byte> sql, BatchOptions options, int offsetBase, out StatementError? error, bool ours = false)
    {
        var kind = KindOf(options, ours);
        if (Find(sql, kind) is { } cached)
        {
            cached.InUse = true;
            error = null;
            StorageMetrics.CacheHits.Add(1);
            return cached;
        }

        StorageMetrics.CacheMisses.Add(1);
        var prepared = StatementHandle.Prepare(_connection, sql, offsetBase, out error, ours);
        if (prepared is not null)
        {
            prepared.InUse = true;
            prepared.CacheKind = kind;
        }

        return prepared;
    }

    /// <summary>A statement that is kept and not in use; null if there is none.</summary>
    public StatementHandle? Find(ReadOnlySpan<byte> sql, BatchOptions options) => Find(sql, KindOf(options, ours: false));

    public void Return(StatementHandle handle)
    {
        handle.Reset();
        handle.InUse = false;
        if (handle.Node is { } node)
        {
            if (node.Next is not null)
            {
                _byUse.Remove(node);
                _byUse.AddLast(node);
            }

            return;
        }

        if (handle.Sql.Length == 0 || !_byText[handle.CacheKind].TryAdd(handle.Sql, handle))
        {
            handle.Dispose();
            return;
        }

        handle.Node = _byUse.AddLast(handle);
        Trim();
    }

    /// <summary>Drops a rented statement from the cache.</summary>
    public void Remove(StatementHandle handle)
    {
        _byUse.Remove(handle.Node!);
        _byText[handle.CacheKind].Remove(handle.Sql);
        handle.Dispose();
    }

    // Preparing decides whether a double-quoted word is a text or a name, and which functions may be called, so both are part of the key.
    private static int KindOf(BatchOptions options, bool ours) => ((options & BatchOptions.DoubleQuotedText) != 0 ? 1 : 0) | (ours ? 2 : 0);

    private StatementHandle? Find(ReadOnlySpan<byte> sql, int kind) =>
        Keeps(sql) && _lookup[kind].TryGetValue(sql, out var cached) && !cached.InUse ? cached : null;

    private void Trim()
    {
        for (var node = _byUse.First; node is not null && _byUse.Count > _countMax;)
        {
            var next = node.Next;
            if (!node.Value.InUse)
            {
                _byUse.Remove(node);
                _byText[node.Value.CacheKind].Remove(node.Value.Sql);
                node.Value.Dispose();
            }

            node = next;
        }
    }

    public void Dispose()
    {
        foreach (var handle in _byUse)
        {
            handle.Dispose();
        }

        _byUse.Clear();
        foreach (var texts in _byText)
        {
            texts.Clear();
        }
    }

    internal sealed class TextComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static TextComparer Instance { get; } = new();

        private readonly ulong _seed = (ulong)Environment.TickCount64 * 0x9E3779B97F4A7C15;

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode([DisallowNull] byte[] text) => GetHashCode((ReadOnlySpan<byte>)text);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var mixer = new Mixer(_seed);
            mixer.Add(alternate);
            return (int)mixer.Value;
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
