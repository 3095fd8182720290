namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>
/// The time at which a majority last followed this leader: the latest moment such that a majority, the leader itself included, has answered as
/// followers to messages sent at that moment or later. Until then no other node can have led.
/// </summary>
internal sealed class QuorumContact
{
    /// <summary>A time before all others; half of the range, so that a difference to it does not overflow.</summary>
    public const long Never = long.MinValue / 2;

    private long _at = Never;

    /// <summary>The time by <see cref="MonotonicClock"/>; <see cref="long.MaxValue"/> for a leader that is a majority by itself.</summary>
    public long At => Volatile.Read(ref _at);

    /// <param name="contacts">For each of the other voters, when the message was sent that it answered last; sorted in place.</param>
    public void Update(Span<long> contacts)
    {
        var needed = (contacts.Length + 1) / 2;
        contacts.Sort();
        Volatile.Write(ref _at, needed == 0 ? long.MaxValue : contacts[^needed]);
    }
}
