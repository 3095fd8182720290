using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Runtime.Aggregates;

/// <summary>What an aggregate knows of the rows so far.</summary>
/// <typeparam name="TRow">What it takes of a row; kept by frames that move.</typeparam>
internal abstract class Accumulator<TRow>
{
    public abstract TRow Read(in FunctionCall call);

    public abstract void Add(in TRow row);

    /// <summary>Takes a row out, as if it had never been added; false if that is not exact.</summary>
    public virtual bool TryRemove(in TRow row) => false;

    public abstract void Answer(in FunctionCall call);
}

/// <summary>An aggregate over a group, or over a frame that only grows.</summary>
internal sealed class GroupState<TRow>(Accumulator<TRow> accumulator) : SqlAggregateState
{
    public override void Step(in FunctionCall call) => accumulator.Add(accumulator.Read(call));

    public override void Answer(in FunctionCall call) => accumulator.Answer(call);

    public override void Inverse(in FunctionCall call)
    {
        if (!accumulator.TryRemove(accumulator.Read(call)))
        {
            throw TypeErrors.NotSupported("an aggregate that keeps no rows cannot be evaluated over a frame whose start moves");
        }
    }
}

/// <summary>
/// An aggregate over a frame whose rows also leave, without an exact way to take them out: it keeps the rows and begins anew, as PostgreSQL does.
/// </summary>
internal sealed class FrameState<TRow>(Func<Accumulator<TRow>> create) : SqlAggregateState
{
    private readonly Queue<TRow> _rows = new();
    private Accumulator<TRow> _accumulator = create();
    private bool _stale;

    public override void Step(in FunctionCall call)
    {
        var row = _accumulator.Read(call);
        _rows.Enqueue(row);
        if (!_stale)
        {
            _accumulator.Add(row);
        }
    }

    public override void Inverse(in FunctionCall call)
    {
        _rows.Dequeue();
        _stale = true;
    }

    public override void Answer(in FunctionCall call)
    {
        if (_stale)
        {
            _accumulator = create();
            foreach (var row in _rows)
            {
                _accumulator.Add(row);
            }

            _stale = false;
        }

        _accumulator.Answer(call);
    }
}

internal static class Accumulators
{
    /// <param name="exact">Rows can be taken out, so that a frame whose start moves needs no rows kept.</param>
    public static void Aggregate<TRow>(
        this FunctionRegistry registry, string signature, Func<Accumulator<TRow>> create, bool exact = false, bool strict = true) =>
        registry.Aggregate(
            signature, () => new GroupState<TRow>(create()), strict, invertible: exact, moving: exact ? null : () => new FrameState<TRow>(create));
}
