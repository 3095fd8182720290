namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>
/// When a majority last followed this leader: the latest moment such that to messages sent at that moment or later a majority, the leader
/// itself included, has answered that it follows. Until then nobody else can have led.
/// </summary>
internal sealed class QuorumContact
{
    /// <summary>Before everything; half of the range, so that a difference to it does not overflow.</summary>
    public const long Never = long.MinValue / 2;

    private long _at = Never;

    /// <summary>By <see cref="MonotonicClock"/>; <see cref="long.MaxValue"/> for a leader that is a majority by itself.</summary>
    public long At => Volatile.Read(ref _at);

    /// <param name="contacts">When the message was sent that each of the other voters answered last; put in order here.</param>
    public void Update(Span<long> contacts)
    {
        var needed = (contacts.Length + 1) / 2;
        contacts.Sort();
        Volatile.Write(ref _at, needed == 0 ? long.MaxValue : contacts[^needed]);
    }
}
