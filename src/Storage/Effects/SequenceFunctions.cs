using System.Globalization;
using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>nextval(), currval(), lastval(), setval(), and the functions that the commands about sequences are lowered to.</summary>
internal static class SequenceFunctions
{
    private const StatementEffects Draws = StatementEffects.Sequences | StatementEffects.SessionValues;

    public static EffectFunction[] All { get; } =
    [
        new("nextval", 1, Draws, InSchema: true, NextValue),
        new("currval", 1, StatementEffects.SessionValues, InSchema: true, CurrentValue),
        new("lastval", 0, StatementEffects.SessionValues, InSchema: true, LastValue),
        new("setval", 2, Draws, InSchema: true, SetValue),
        new("setval", 3, Draws, InSchema: true, SetValue),
        new("_rqlite_create_sequence", -1, Draws, InSchema: false, Create),
        new("_rqlite_alter_sequence", -1, Draws, InSchema: false, Alter),
        new("_rqlite_rename_sequence", 3, Draws, InSchema: false, Rename),
        new("_rqlite_drop_sequence", -1, Draws, InSchema: false, Drop),
        new("_rqlite_raise_sequence", 3, Draws, InSchema: false, Raise),
    ];

    /// <summary>A statement that sets the position of a sequence.</summary>
    public static Statement Raising(SequencePoint point) => Statement.Ours(Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"DELETE FROM _rqlite_call WHERE _rqlite_raise_sequence({point.Id}, {point.Value}, {(point.Called ? 1 : 0)})")));

    private static void NextValue(EffectRun run, FunctionCall call)
    {
        if (call.IsNull(0))
        {
            return;
        }

        var sequence = run.Sequences.Find(call.Text(0));
        run.Sequences.Touch();
        if (run.Current.Find(sequence.Id) is { } own && own.Last != own.Cached)
        {
            // The next value of the block that the session has cached.
            own = own with { Last = own.Last + own.Increment };
            run.Current.Note(own, drawn: true);
            call.Return(own.Last);
            return;
        }

        var (first, last, next) = sequence.Draw(run.Sequences.FillsCaches ? sequence.Cache : 1);
        run.Sequences.Move(next);
        run.Current.Note(new SequenceValue(next.Id, next.Name, first, last, next.Increment), drawn: true);
        call.Return(first);
    }

    private static void CurrentValue(EffectRun run, FunctionCall call)
    {
        if (call.IsNull(0))
        {
            return;
        }

        var sequence = run.Sequences.Find(call.Text(0));
        run.Sequences.Touch();
        call.Return((run.Current.Find(sequence.Id)
            ?? throw new SqlFunctionException("55000", $"currval of sequence \"{sequence.Name}\" is not yet defined in this session")).Last);
    }

    private static void LastValue(EffectRun run, FunctionCall call)
    {
        run.Sequences.Touch();
        var last = run.Current.LastSequence is not 0 and var id && run.Sequences.Exists(id) ? run.Current.Find(id) : null;
        call.Return((last ?? throw new SqlFunctionException("55000", "lastval is not yet defined in this session")).Last);
    }

    private static void SetValue(EffectRun run, FunctionCall call)
    {
        for (var i = 0; i < call.Count; i++)
        {
            if (call.IsNull(i))
            {
                return;
            }
        }

        var sequence = run.Sequences.Find(call.Text(0));
        run.Sequences.Touch();
        var value = call.Number("setval", 1);
        var called = call.Count == 2 || IsTrue(call);
        if (value < sequence.Min || value > sequence.Max)
        {
            throw new SqlFunctionException(
                "22003", $"setval: value {value} is out of bounds for sequence \"{sequence.Name}\" ({sequence.Min}..{sequence.Max})");
        }

        run.Sequences.Move(sequence with { Value = value, Called = called });
        if (called || run.Current.Find(sequence.Id) is not null)
        {
            var last = called ? value : run.Current.Find(sequence.Id)!.Value.Last;
            run.Current.Note(new SequenceValue(sequence.Id, sequence.Name, last, last, sequence.Increment), drawn: false);
        }

        call.Return(value);
    }

    // SQLite has no booleans: PostgreSQL's texts for them arrive as texts.
    private static bool IsTrue(FunctionCall call) => call.ClassOf(2) == StorageClass.Text
        ? call.Text(2).Trim().ToLowerInvariant() is "t" or "true" or "y" or "yes" or "on" or "1"
        : call.Integer(2) != 0;

    private static void Create(EffectRun run, FunctionCall call)
    {
        var name = call.Text(0);
        if (run.Sequences.NameIsTaken(name))
        {
            if (call.Integer(1) == 0)
            {
                throw new SqlFunctionException("42P07", $"relation \"{name}\" already exists");
            }

            return;
        }

        RequireFree(name);

        // Unlike a counter, a random id never comes again, not even after a transaction that was rolled back.
        var id = (long)(run.NextRandom() >> 2) | 1;
        var definition = SequenceOptions.Apply(new SequenceDefinition(id, name), call, 2, creating: true);
        run.Afterwards(() => run.Sequences.Insert(definition));
    }

    private static void Alter(EffectRun run, FunctionCall call)
    {
        if (!TryFind(run, call.Text(0), call.Integer(1) != 0, "relation", out var sequence))
        {
            return;
        }

        run.Sequences.Touch();
        var definition = SequenceOptions.Apply(sequence!, call, 2, creating: false);
        EndCache(run, sequence!);
        run.Afterwards(() => run.Sequences.Replace(definition));
    }

    private static void Rename(EffectRun run, FunctionCall call)
    {
        var name = call.Text(2);
        if (!TryFind(run, call.Text(0), call.Integer(1) != 0, "relation", out var sequence))
        {
            return;
        }

        run.Sequences.Touch();
        EndCache(run, sequence!);

        // The sequence itself has the name if only the case of letters changes.
        var takenByItself = name != sequence!.Name && name.Equals(sequence.Name, StringComparison.OrdinalIgnoreCase);
        if (!takenByItself && run.Sequences.NameIsTaken(name))
        {
            throw new SqlFunctionException("42P07", $"relation \"{name}\" already exists");
        }

        RequireFree(name);
        run.Afterwards(() =>
        {
            run.Sequences.Delete(sequence!);
            run.Sequences.Insert(sequence! with { Name = name });
        });
    }

    private static void Drop(EffectRun run, FunctionCall call)
    {
        var ifExists = call.Integer(0) != 0;
        var dropped = new HashSet<long>();
        for (var i = 1; i < call.Count; i++)
        {
            if (TryFind(run, call.Text(i), ifExists, "sequence", out var sequence) && dropped.Add(sequence!.Id))
            {
                run.Sequences.Touch();
                EndCache(run, sequence);
                run.Afterwards(() => run.Sequences.Delete(sequence));
            }
        }
    }

    // The session's cached values were drawn from the sequence as it was before the change; other sessions see the change by its count.
    private static void EndCache(EffectRun run, SequenceDefinition sequence)
    {
        if (run.Current.Find(sequence.Id) is { } own && own.Cached != own.Last)
        {
            run.Current.Note(own with { Cached = own.Last }, drawn: false);
        }
    }

    private static void Raise(EffectRun run, FunctionCall call)
    {
        var point = new SequencePoint(call.Integer(0), call.Integer(1), call.Integer(2) != 0);
        if (run.Sequences.FindById(point.Id) is { } sequence)
        {
            run.Sequences.Move(sequence with { Value = point.Value, Called = point.Called });
        }

        run.Sequences.ForgetLoose(point);
    }

    private static void RequireFree(string name)
    {
        if (name.StartsWith("sqlite_", StringComparison.OrdinalIgnoreCase) || name.StartsWith("_rqlite_", StringComparison.OrdinalIgnoreCase))
        {
            throw new SqlFunctionException("42602", $"the name \"{name}\" is reserved");
        }
    }

    private static bool TryFind(EffectRun run, string name, bool ifExists, string kind, out SequenceDefinition? sequence)
    {
        sequence = run.Sequences.FindByName(name);
        if (sequence is not null)
        {
            return true;
        }

        return run.Sequences.RelationExists(name) ? throw new SqlFunctionException("42809", $"\"{name}\" is not a sequence")
            : ifExists ? false
            : throw new SqlFunctionException("42P01", string.Create(CultureInfo.InvariantCulture, $"{kind} \"{name}\" does not exist"));
    }
}
