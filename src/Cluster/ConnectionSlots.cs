namespace Rqlite.Pg.Cluster;

/// <summary>
/// Bounds the connections of a port. Idle ones (with no request yet, or none now) are closed for new ones, the longest idle first, so silent
/// strangers keep no client out; a connection with a request is never closed.
/// </summary>
/// <param name="workMax">The most connections that may have a request at once.</param>
/// <param name="spare">Connections beyond those, which are only idle or are told that they are refused.</param>
public sealed class ConnectionSlots(int workMax, int spare = 0)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Slot> _waiting = new();
    private int _open;
    private int _working;

    public int WorkMax => workMax;

    /// <summary>The number of open connections.</summary>
    public int Open
    {
        get
        {
            lock (_gate)
            {
                return _open;
            }
        }
    }

    /// <summary>
    /// Takes a place for a connection, closing an idle one if there is none. Null if all have requests: the connection is to be refused.
    /// </summary>
    /// <param name="close">Closes the connection; called at most once, from any thread.</param>
    public Slot? Take(Action close)
    {
        Slot? oldest = null;
        Slot slot;
        lock (_gate)
        {
            if (_open >= workMax + spare)
            {
                if (_waiting.First is not { } first)
                {
                    return null;
                }

                oldest = first.Value;
                Leave(oldest);
            }

            _open++;
            slot = new Slot(this, close);
            slot.Node = _waiting.AddLast(slot);
        }

        oldest?.Close();
        return slot;
    }

    private void Leave(Slot slot)
    {
        if (slot.Node is { } node)
        {
            _waiting.Remove(node);
            slot.Node = null;
        }
        else
        {
            _working--;
        }

        slot.Left = true;
        _open--;
    }

    /// <summary>The place of one connection; disposed when the connection has ended.</summary>
    public sealed class Slot(ConnectionSlots slots, Action close) : IDisposable
    {
        internal LinkedListNode<Slot>? Node { get; set; }

        internal bool Left { get; set; }

        /// <summary>
        /// Begins a request: the connection is not closed for others any more. False if it was already, or if too many have requests.
        /// </summary>
        public bool TryBegin()
        {
            lock (slots._gate)
            {
                if (Left || Node is null || slots._working >= slots.WorkMax)
                {
                    return false;
                }

                slots._waiting.Remove(Node);
                Node = null;
                slots._working++;
                return true;
            }
        }

        /// <summary>Ends a request: the connection is idle again.</summary>
        public void End()
        {
            lock (slots._gate)
            {
                if (!Left && Node is null)
                {
                    slots._working--;
                    Node = slots._waiting.AddLast(this);
                }
            }
        }

        public void Dispose()
        {
            lock (slots._gate)
            {
                if (!Left)
                {
                    slots.Leave(this);
                }
            }
        }

        internal void Close() => close();
    }
}
