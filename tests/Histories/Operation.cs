namespace Rqlite.Pg.Histories;

/// <summary>What the client knows of an operation.</summary>
public enum Outcome
{
    /// <summary>It took effect, and its answer is known.</summary>
    Ok,

    /// <summary>It certainly had no effect.</summary>
    Failed,

    /// <summary>It may have taken effect, may still do so, or never will.</summary>
    Unknown,
}

public enum OperationKind
{
    Read,
    Write,
    CompareAndSet,
}

/// <summary>One operation on a register, as its client saw it.</summary>
/// <param name="Client">The session; its operations do not overlap, except that an unknown one has no end.</param>
/// <param name="Value">The value read, written or swapped in; null reads a key that is absent.</param>
/// <param name="Expected">Compare-and-set only: the value compared with.</param>
/// <param name="Swapped">Compare-and-set only: whether it took place, if the outcome is <see cref="Outcome.Ok"/>.</param>
/// <param name="Invoked">Monotonic time before the request was sent.</param>
/// <param name="Returned">Monotonic time after the answer was there; of no meaning for an unknown outcome.</param>
public sealed record Operation(
    int Client, string Key, OperationKind Kind, long? Value, long? Expected, bool Swapped, long Invoked, long Returned, Outcome Outcome)
{
    public static Operation Read(int client, string key, long? value, long invoked, long returned) =>
        new(client, key, OperationKind.Read, value, null, false, invoked, returned, Outcome.Ok);

    public static Operation Write(int client, string key, long value, long invoked, long returned, Outcome outcome = Outcome.Ok) =>
        new(client, key, OperationKind.Write, value, null, false, invoked, returned, outcome);

    public static Operation CompareAndSet(
        int client, string key, long? expected, long value, bool swapped, long invoked, long returned, Outcome outcome = Outcome.Ok) =>
        new(client, key, OperationKind.CompareAndSet, value, expected, swapped, invoked, returned, outcome);

    public override string ToString()
    {
        var what = Kind switch
        {
            OperationKind.Read => $"read -> {Text(Value)}",
            OperationKind.Write => $"write {Text(Value)}",
            _ => $"cas {Text(Expected)} -> {Text(Value)} {(Outcome == Outcome.Ok ? Swapped ? "swapped" : "refused" : "")}",
        };
        var end = Outcome == Outcome.Unknown ? "?" : Returned.ToString();
        return $"[{Invoked}..{end}] client {Client} key {Key}: {what} {Outcome}";
    }

    private static string Text(long? value) => value?.ToString() ?? "absent";
}
