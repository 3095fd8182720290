namespace Rqlite.Pg.Cluster;

/// <summary>
/// Bounds the connections of a port. Those that wait (nothing asked yet, or nothing asked now) give way to new ones, the longest wait first,
/// so silent strangers keep nobody out; those at work never do.
/// </summary>
/// <param name="workMax">The most that may be at work.</param>
/// <param name="spare">Connections beyond those, which only wait or learn that they are refused.</param>
public sealed class ConnectionSlots(int workMax, int spare = 0)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Slot> _waiting = new();
    private int _open;
    private int _working;

    public int WorkMax => workMax;

    /// <summary>How many connections are open.</summary>
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

    /// <summary>Makes room if there is none. Null if all are at work: the connection is to be refused.</summary>
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

    /// <summary>One connection's place; disposed when the connection has ended.</summary>
    public sealed class Slot(ConnectionSlots slots, Action close) : IDisposable
    {
        internal LinkedListNode<Slot>? Node { get; set; }

        internal bool Left { get; set; }

        /// <summary>From now on it is not closed for others. False if it was already, or if too many are at work.</summary>
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

        /// <summary>It waits again.</summary>
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
