using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Rqlite.Pg.Access;

/// <summary>
/// Slows logins down that follow failed ones: of one user from one address after the second, more and more; of an address after the nineteenth,
/// a little, since it may be that of a proxy. Each further login of the same waits for a time of its own, and one that succeeds ends the delay.
/// What is kept is bounded; the oldest is forgotten first.
/// </summary>
public sealed class LoginThrottle(TimeProvider clock)
{
    private const int EntriesMax = 16_384;
    private const int FreeOfUser = 2;
    private const int FreeOfAddress = 19;

    /// <summary>The longest delay of one failure.</summary>
    public static readonly TimeSpan DelayMax = TimeSpan.FromSeconds(3);

    /// <summary>A login whose turn is further away is refused without a look at it.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_forgotten = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<Key, LinkedListNode<Entry>> _entries = [];

    // In the order of the last failure.
    private readonly LinkedList<Entry> _order = new();
    private long _slowed;

    /// <summary>How many logins were delayed so far.</summary>
    public long Slowed => Interlocked.Read(ref _slowed);

    internal int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Begins a login.</summary>
    /// <param name="from">Where it comes from; null if that is not known.</param>
    public LoginAttempt Begin(IPAddress? from, string user)
    {
        var address = NumberOf(from);

        // A stranger chooses the name, and so its length.
        return new LoginAttempt(this, new Key(address, user.Length <= 64 ? user : user[..64]), new Key(address, null));
    }

    /// <summary>Takes the next free time for a login.</summary>
    /// <returns>Null if it is too far away.</returns>
    internal TimeSpan? Reserve(Key user, Key address)
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            var (one, other) = (_entries.GetValueOrDefault(user)?.Value, _entries.GetValueOrDefault(address)?.Value);
            var turn = Math.Max(now, Math.Max(one?.Free ?? now, other?.Free ?? now));
            var wait = clock.GetElapsedTime(now, turn);
            if (wait > WaitMax)
            {
                return null;
            }

            if (wait > TimeSpan.Zero)
            {
                one?.Occupy(turn, clock);
                other?.Occupy(turn, clock);
            }

            return wait;
        }
    }

    /// <summary>True if a login would not have to wait now.</summary>
    internal bool IsFree(Key user, Key address)
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            return !(_entries.GetValueOrDefault(user)?.Value.Free > now) && !(_entries.GetValueOrDefault(address)?.Value.Free > now);
        }
    }

    internal async ValueTask WaitAsync(TimeSpan time, CancellationToken token)
    {
        if (time > TimeSpan.Zero)
        {
            Interlocked.Increment(ref _slowed);
            await Task.Delay(time, clock, token).ConfigureAwait(false);
        }
    }

    /// <summary>Notes a failed login.</summary>
    /// <returns>How long its answer is to be delayed.</returns>
    internal TimeSpan NoteFailure(Key user, Key address)
    {
        lock (_gate)
        {
            var (one, other) = (Note(user, FreeOfUser, DelayMax), Note(address, FreeOfAddress, s_first));
            return one > other ? one : other;
        }
    }

    /// <summary>Notes a failed login.</summary>
    internal TimeSpan NoteFailure(LoginAttempt attempt) => attempt.NoteFailure();

    internal void Forget(Key user, Key address)
    {
        lock (_gate)
        {
            Remove(user);
            Remove(address);
        }
    }

    private void Remove(Key key)
    {
        if (_entries.Remove(key, out var node))
        {
            _order.Remove(node);
        }
    }

    private TimeSpan Note(Key key, int free, TimeSpan max)
    {
        var now = clock.GetTimestamp();
        while (_order.First is { } oldest && (_entries.Count >= EntriesMax || clock.GetElapsedTime(oldest.Value.Failed, now) > s_forgotten))
        {
            _entries.Remove(oldest.Value.Key);
            _order.RemoveFirst();
        }

        if (_entries.TryGetValue(key, out var node))
        {
            _order.Remove(node);
        }
        else
        {
            _entries[key] = node = new(new Entry(key) { Free = now });
        }

        _order.AddLast(node);
        var entry = node.Value;
        entry.Failed = now;
        var excess = ++entry.Failures - free;
        var delay = s_first * Math.Pow(2, Math.Clamp(excess - 1, 0, 10));
        entry.Delay = excess <= 0 ? TimeSpan.Zero : delay < max ? delay : max;
        entry.Occupy(Math.Max(now, entry.Free), clock);
        return entry.Delay;
    }

    /// <summary>An address of IPv4 as it is; of IPv6 the network that one customer gets, whose addresses are free to choose.</summary>
    private static UInt128 NumberOf(IPAddress? address)
    {
        if (address is null)
        {
            return 0;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        address.TryWriteBytes(bytes, out _);
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && !IPAddress.IsLoopback(address))
        {
            bytes[8..].Clear();
        }

        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    /// <param name="User">Null for all users of the address.</param>
    internal readonly record struct Key(UInt128 Address, string? User);

    private sealed class Entry(Key key)
    {
        public Key Key { get; } = key;

        public int Failures { get; set; }

        /// <summary>When the last login failed.</summary>
        public long Failed { get; set; }

        /// <summary>The time from one login to the next.</summary>
        public TimeSpan Delay { get; set; }

        /// <summary>When the next login may be tried.</summary>
        public long Free { get; set; }

        public void Occupy(long turn, TimeProvider clock) => Free = turn + (long)(Delay.TotalSeconds * clock.TimestampFrequency);
    }
}
