namespace Rqlite.Pg.Storage;

internal enum RehearsalStepKind : byte
{
    Run,
    SetSavepoint,
    Release,
    RollBackTo,
}

/// <summary>A step of a rehearsal: a statement or a savepoint command.</summary>
/// <param name="Savepoint">For the savepoint commands, which one.</param>
/// <param name="Answer">The digest of a statement's answer.</param>
/// <param name="Broken">The statement was ended from outside or ended the SQLite transaction: nothing of it remained but the failure.</param>
internal readonly record struct RehearsalStep(RehearsalStepKind Kind, int Savepoint, Statement? Statement, ulong Answer, bool Broken);

/// <summary>
/// The steps of a rehearsal in order, reads and undone statements included: the owner may have acted upon any answer. The history ends when
/// running it again would cost too much.
/// </summary>
internal sealed class RehearsalHistory
{
    private const int StepsMax = 1000;
    private const int KeptStepsMax = 2 * StepsMax;
    private const long BytesMax = 1 << 20;
    private const long AnswerBytesMax = 4 << 20;
    private static readonly TimeSpan s_timeMax = TimeSpan.FromSeconds(1);

    private List<RehearsalStep>? _steps = [];
    private long _bytes;
    private long _answerBytes;
    private TimeSpan _time;

    public bool Complete => _steps is not null;

    /// <summary>The steps are too many already, and are kept only so that the rehearsal can be evicted now.</summary>
    public bool Overfull => _steps is not null && IsTooMuch;

    private bool IsTooMuch => _steps!.Count > StepsMax || _bytes > BytesMax || _answerBytes > AnswerBytesMax || _time > s_timeMax;

    /// <param name="keep">Keep the history for now, even if it is too much.</param>
    public void Add(RehearsalStepKind kind, int savepoint, bool keep) => Add(new(kind, savepoint, null, 0, false), 0, TimeSpan.Zero, keep);

    /// <param name="keep">Keep the history for now, even if it is too much.</param>
    public void Add(in RehearsalStep step, int answerBytes, TimeSpan time, bool keep)
    {
        if (_steps is null)
        {
            return;
        }

        _bytes += step.Statement?.Bytes ?? 0;
        _answerBytes += answerBytes;
        _time += time;
        _steps.Add(step);
        if (IsTooMuch && (!keep || _steps.Count > KeptStepsMax))
        {
            _steps = null;
        }
    }

    /// <summary>Ends the history: a step happened that cannot be run again.</summary>
    public void End() => _steps = null;

    /// <summary>Forgets the last step, which its owner has to run again.</summary>
    public void RemoveLast() => _steps?.RemoveAt(_steps.Count - 1);

    /// <summary>Returns all steps and begins a new history.</summary>
    public List<RehearsalStep> Take()
    {
        var steps = _steps ?? throw new InvalidOperationException("The history has ended.");
        _steps = new(steps.Count);
        (_bytes, _answerBytes, _time) = (0, 0, TimeSpan.Zero);
        return steps;
    }
}
