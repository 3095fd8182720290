namespace Rqlite.Pg.Storage;

internal enum RehearsalStepKind : byte
{
    Run,
    SetSavepoint,
    Release,
    RollBackTo,
}

/// <summary>Something that was asked of a rehearsal.</summary>
/// <param name="Savepoint">For the savepoint commands, which one.</param>
/// <param name="Answer">A digest of what a statement answered.</param>
/// <param name="Broken">The statement was ended from outside or took the transaction along: nothing of it remained but the failure.</param>
internal readonly record struct RehearsalStep(RehearsalStepKind Kind, int Savepoint, Statement? Statement, ulong Answer, bool Broken);

/// <summary>
/// What was asked of a rehearsal, in order, reads and undone statements included: whoever saw an answer may have acted upon it. It ends
/// when doing it again would cost too much.
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

    /// <summary>What was done is too much already, and it is remembered only because somebody waits for it to be undone.</summary>
    public bool Overfull => _steps is not null && IsTooMuch;

    private bool IsTooMuch => _steps!.Count > StepsMax || _bytes > BytesMax || _answerBytes > AnswerBytesMax || _time > s_timeMax;

    /// <param name="keep">Not to be forgotten now, even if it is too much.</param>
    public void Add(RehearsalStepKind kind, int savepoint, bool keep) => Add(new(kind, savepoint, null, 0, false), 0, TimeSpan.Zero, keep);

    /// <param name="keep">Not to be forgotten now, even if it is too much.</param>
    public void Add(in RehearsalStep step, int answerBytes, TimeSpan time, bool keep)
    {
        if (_steps is null)
        {
            return;
        }

        _bytes += step.Statement is { } statement ? statement.Sql.Length + statement.Parameters.Length : 0;
        _answerBytes += answerBytes;
        _time += time;
        _steps.Add(step);
        if (IsTooMuch && (!keep || _steps.Count > KeptStepsMax))
        {
            _steps = null;
        }
    }

    /// <summary>Something happened that cannot be asked again.</summary>
    public void End() => _steps = null;

    /// <summary>Forgets the last step, which is to be asked again.</summary>
    public void RemoveLast() => _steps?.RemoveAt(_steps.Count - 1);

    /// <summary>Hands over all steps and begins anew.</summary>
    public List<RehearsalStep> Take()
    {
        var steps = _steps ?? throw new InvalidOperationException("The history has ended.");
        _steps = new(steps.Count);
        (_bytes, _answerBytes, _time) = (0, 0, TimeSpan.Zero);
        return steps;
    }
}
