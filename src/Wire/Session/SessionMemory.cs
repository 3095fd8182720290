using System.Globalization;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Session;

/// <summary>
/// Counts the bytes that a session keeps for its client: prepared statements, portals, gathered statements, settings of a transaction. They are
/// bounded for the session and, with those of all others, for the node. Used by the session's loop alone.
/// </summary>
internal sealed class SessionMemory(MemoryBudget node, long bytesMax) : IDisposable
{
    // The step in which bytes are taken from the node, so that most messages do not touch the counter that all sessions share.
    private const long StepBytes = 16 << 10;

    // A session that keeps no more than this finds room when others have taken theirs.
    private const long SmallBytes = 64 << 10;

    // A text may hold many statements that are prepared one by one; it is counted once, as long as one of them exists.
    private readonly Dictionary<string, int> _texts = new(ReferenceEqualityComparer.Instance);
    private long _used;
    private long _reserved;
    private long _transaction;
    private long _settled;

    /// <summary>True if bytes are reserved until the transaction ends.</summary>
    public bool HasTransaction => _transaction > 0;

    /// <exception cref="PgException">53200: the bytes are too many for the session or for the node.</exception>
    public void Reserve(long bytes)
    {
        if (bytes > bytesMax - _used)
        {
            throw Refusal(bytes, $"The session holds {Text(_used)} of the {Text(bytesMax)} bytes that it may hold.", "Close prepared statements and portals, or send Sync more often.");
        }

        var missing = _used + bytes - _reserved;
        if (missing > 0)
        {
            var step = (missing + StepBytes - 1) / StepBytes * StepBytes;
            if (!node.TryReserve(step, small: _reserved + step <= SmallBytes))
            {
                throw NodeRefusal(node, bytes);
            }

            _reserved += step;
        }

        _used += bytes;
    }

    public void Release(long bytes)
    {
        _used -= bytes;
        var spare = _reserved - _used - StepBytes;
        if (spare > StepBytes)
        {
            node.Release(spare);
            _reserved -= spare;
        }
    }

    /// <summary>Reserves until the transaction ends.</summary>
    public void ReserveForTransaction(long bytes)
    {
        Reserve(bytes);
        _transaction += bytes;
    }

    /// <summary>Releases the bytes reserved for the transaction, and counts those that it leaves to the session instead.</summary>
    /// <param name="left">The bytes of settings and channels that the session has from now on.</param>
    public void EndTransaction(long left)
    {
        // The left bytes were reserved by this transaction or an earlier one.
        var kept = Math.Min(left, _transaction + _settled);
        Release(_transaction + _settled - kept);
        _transaction = 0;
        _settled = kept;
    }

    /// <summary>Counts one more holder of a statement: a name, or a portal.</summary>
    public void Hold(PreparedStatement statement)
    {
        if (statement.Holders == 0)
        {
            var text = statement.Plan.Part?.Source;
            var first = text is not null && !_texts.ContainsKey(text);
            Reserve(statement.Bytes + (first ? TextBytes(text!) : 0));
            if (text is not null)
            {
                _texts[text] = _texts.GetValueOrDefault(text) + 1;
            }
        }

        statement.Holders++;
    }

    public void Drop(PreparedStatement statement)
    {
        if (--statement.Holders > 0)
        {
            return;
        }

        var bytes = statement.Bytes;
        if (statement.Plan.Part?.Source is { } text && --_texts[text] is var left)
        {
            if (left == 0)
            {
                _texts.Remove(text);
                bytes += TextBytes(text);
            }
            else
            {
                _texts[text] = left;
            }
        }

        Release(bytes);
    }

    /// <summary>The error for a client's message that is too large for the node's budget.</summary>
    public static PgException NodeRefusal(MemoryBudget node, long bytes) => Refusal(
        bytes, $"The requests of this node hold {Text(node.Used)} of the {Text(node.BytesMax)} bytes that they may hold.", "Try again later, or send less at once.");

    public void Dispose()
    {
        node.Release(_reserved);
        (_reserved, _used) = (0, 0);
    }

    private static long TextBytes(string text) => 2L * text.Length;

    private static string Text(long bytes) => bytes.ToString(CultureInfo.InvariantCulture);

    private static PgException Refusal(long bytes, string detail, string hint) =>
        new(PgError.Error(SqlState.OutOfMemory, "out of memory") with { Detail = $"{detail} {Text(bytes)} more were asked for.", Hint = hint });
}
