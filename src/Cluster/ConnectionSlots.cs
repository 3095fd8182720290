using System.Diagnostics;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// Bounds the connections of a port. Idle ones (with no request yet, or none now) are closed for new ones, the longest idle first, so silent
/// strangers keep no client out; a connection with a request is never closed. Requests begin and end without a lock that all connections share.
/// </summary>
/// <param name="workMax">The most connections that may have a request at once.</param>
/// <param name="spare">Connections beyond those, which are only idle or are told that they are refused.</param>
public sealed class ConnectionSlots(int workMax, int spare = 0)
{
    private const int Idle = 0;
    private const int Working = 1;
    private const int Left = 2;

    private readonly Lock _gate = new();
    private readonly LinkedList<Slot> _slots = new();
    private int _working;

    /// <summary>The number of open connections.</summary>
    public int Open
    {
        get
        {
            lock (_gate)
            {
                return _slots.Count;
            }
        }
    }

    /// <summary>
    /// Takes a place for a connection, closing an idle one if there is none. Null if all have requests: the connection is to be refused.
    /// </summary>
    /// <param name="close">Closes the connection; called at most once, from any thread.</param>
    public Slot? Take(Action close)
    {
        Slot? closed = null;
        Slot slot;
        lock (_gate)
        {
            if (_slots.Count >= workMax + spare)
            {
                closed = TakeLongestIdle();
                if (closed is null)
                {
                    return null;
                }

                _slots.Remove(closed.Node);
            }

            slot = new Slot(this, close);
            _slots.AddLast(slot.Node);
        }

        closed?.Close();
        return slot;
    }

    /// <summary>The connection that has been idle for longest, which takes no more requests.</summary>
    private Slot? TakeLongestIdle()
    {
        while (true)
        {
            Slot? longest = null;
            foreach (var slot in _slots)
            {
                if (slot.IsIdle && (longest is null || slot.IdleSince < longest.IdleSince))
                {
                    longest = slot;
                }
            }

            if (longest is null || longest.TryLeave())
            {
                return longest;
            }
        }
    }

    private bool TryBeginWork()
    {
        if (spare == 0)
        {
            // The places bound the work too.
            return true;
        }

        if (Interlocked.Increment(ref _working) <= workMax)
        {
            return true;
        }

        Interlocked.Decrement(ref _working);
        return false;
    }

    private void EndWork()
    {
        if (spare > 0)
        {
            Interlocked.Decrement(ref _working);
        }
    }

    /// <summary>The place of one connection; disposed when the connection has ended.</summary>
    public sealed class Slot : IDisposable
    {
        private readonly ConnectionSlots _slots;
        private readonly Action _close;
        private int _state;
        private long _idleSince = Stopwatch.GetTimestamp();

        internal Slot(ConnectionSlots slots, Action close)
        {
            (_slots, _close) = (slots, close);
            Node = new(this);
        }

        internal LinkedListNode<Slot> Node { get; }

        internal bool IsIdle => Volatile.Read(ref _state) == Idle;

        internal long IdleSince => Volatile.Read(ref _idleSince);

        /// <summary>
        /// Begins a request: the connection is not closed for others any more. False if it was already, or if too many have requests.
        /// </summary>
        public bool TryBegin()
        {
            if (!_slots.TryBeginWork())
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _state, Working, Idle) == Idle)
            {
                return true;
            }

            _slots.EndWork();
            return false;
        }

        /// <summary>Ends a request: the connection is idle again.</summary>
        public void End()
        {
            Volatile.Write(ref _idleSince, Stopwatch.GetTimestamp());
            if (Interlocked.CompareExchange(ref _state, Idle, Working) == Working)
            {
                _slots.EndWork();
            }
        }

        public void Dispose()
        {
            var before = Interlocked.Exchange(ref _state, Left);
            if (before == Left)
            {
                return;
            }

            if (before == Working)
            {
                _slots.EndWork();
            }

            lock (_slots._gate)
            {
                _slots._slots.Remove(Node);
            }
        }

        internal bool TryLeave() => Interlocked.CompareExchange(ref _state, Left, Idle) == Idle;

        internal void Close() => _close();
    }
}
