namespace Rqlite.Pg.Histories;

/// <summary>One step of a transaction over lists: an append of a value that is never appended twice, or a read of the whole list.</summary>
/// <param name="Read">What a read saw; null for an append.</param>
public sealed record ListStep(string Key, long Value, IReadOnlyList<long>? Read)
{
    public static ListStep Append(string key, long value) => new(key, value, null);

    public static ListStep Reads(string key, params IReadOnlyList<long> list) => new(key, 0, list);

    public override string ToString() => Read is null ? $"append {Key} {Value}" : $"read {Key} [{string.Join(' ', Read)}]";
}

/// <summary>A transaction over lists, as its client saw it. A failed or unknown one has the steps that were sent and, if reads, answered.</summary>
/// <param name="Invoked">Monotonic time before the transaction was begun.</param>
/// <param name="Returned">Monotonic time after its end was answered; of no meaning for an unknown outcome.</param>
/// <param name="Note">Whatever helps to find it again in a log: the node, the error.</param>
public sealed record ListTransaction(
    int Client, IReadOnlyList<ListStep> Steps, long Invoked, long Returned, Outcome Outcome = Outcome.Ok, string Note = "")
{
    public override string ToString()
    {
        var end = Outcome == Outcome.Unknown ? "?" : Returned.ToString();
        return $"[{Invoked}..{end}] client {Client} {Outcome}{(Note.Length == 0 ? "" : $" ({Note})")}: {string.Join(", ", Steps)}";
    }
}
