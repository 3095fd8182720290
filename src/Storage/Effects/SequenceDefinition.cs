namespace Rqlite.Pg.Storage;

/// <summary>The position of a sequence: the last value given out, or the first to be given out if none was.</summary>
public readonly record struct SequencePoint(long Id, long Value, bool Called);

/// <summary>The state of sequences that a recorded statement does not find in the tables when it is replayed.</summary>
/// <param name="Positions">Sequences with another position than in the table, since undone statements have drawn values.</param>
/// <param name="Session">The values that the session had drawn, if an undone statement drew some of them; else null.</param>
/// <param name="LastSequence">The sequence that the session had drawn from last.</param>
public sealed record StatementSequences(
    IReadOnlyList<SequencePoint> Positions, IReadOnlyList<SequenceValue>? Session, long LastSequence);

/// <summary>The definition and position of a sequence: a row of our table.</summary>
internal sealed record SequenceDefinition(long Id, string Name)
{
    public string Type { get; init; } = "bigint";

    public long Start { get; init; } = 1;

    public long Min { get; init; } = 1;

    public long Max { get; init; } = long.MaxValue;

    public long Increment { get; init; } = 1;

    public bool Cycle { get; init; }

    public long Cache { get; init; } = 1;

    public long Value { get; init; } = 1;

    public bool Called { get; init; }

    public SequencePoint Position => new(Id, Value, Called);

    /// <summary>Advances the sequence by up to <paramref name="count"/> values.</summary>
    /// <returns>The first and the last of the values, and the sequence after them.</returns>
    /// <exception cref="SqlFunctionException">No value is left.</exception>
    public (long First, long Last, SequenceDefinition Next) Draw(long count)
    {
        long? first = Called ? null : Value;
        var last = Value;
        for (var drawn = first is null ? 0 : 1; drawn < count; drawn++)
        {
            if (!TryStep(last, out var next))
            {
                if (first is not null)
                {
                    break;
                }

                next = Cycle ? (Increment > 0 ? Min : Max) : throw UsedUp();
            }

            last = next;
            first ??= next;
        }

        return (first!.Value, last, this with { Value = last, Called = true });
    }

    private bool TryStep(long from, out long next)
    {
        next = unchecked(from + Increment);
        return Increment > 0 ? next > from && next <= Max : next < from && next >= Min;
    }

    private SqlFunctionException UsedUp() => Increment > 0
        ? new("2200H", $"nextval: reached maximum value of sequence \"{Name}\" ({Max})")
        : new("2200H", $"nextval: reached minimum value of sequence \"{Name}\" ({Min})");
}
