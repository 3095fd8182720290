namespace Rqlite.Pg.Wire.Tests.Isolation;

/// <summary>Tells who waits for the writer from what is seen in several places, none of which stands still.</summary>
internal static class WriterWaits
{
    /// <summary>
    /// It has asked for the writer, all that have asked are really in the queue, and somebody else holds the writer. The queue is looked at
    /// before and behind the holder, or one that has just been granted would be taken for a holder that keeps it waiting; and between the two
    /// looks nobody may have asked or been answered.
    /// </summary>
    public static bool Waits(WriterWatch session, IReadOnlyCollection<WriterWatch> all, Func<bool> held, Func<int> waiting)
    {
        var (asked, answered) = Count(all);
        var queued = asked - answered;
        return session.Asking && waiting() == queued && held() && waiting() == queued && Count(all) == (asked, answered);
    }

    // Both only grow: equal sums mean that none has moved.
    private static (int Asked, int Answered) Count(IReadOnlyCollection<WriterWatch> all) =>
        (all.Sum(static watch => watch.Asked), all.Sum(static watch => watch.Answered));
}
