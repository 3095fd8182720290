namespace Rqlite.Pg.Storage;

/// <summary>The effects, besides rows, of the statements of one transaction (a command of an entry, or a rehearsal) so far.</summary>
internal sealed class TransactionEffects
{
    // The limits are the same on every node, since they decide whether a statement fails.
    private const int NotificationsMax = 1 << 20;
    private const long NotificationBytesMax = 64 << 20;

    private readonly List<Notification> _notifications = [];
    private HashSet<Notification>? _sent;
    private readonly CallerSession? _caller;
    private readonly Dictionary<long, SequenceValue> _values = [];
    private readonly Dictionary<long, SequenceValue> _ofStatement = [];
    private long _notificationBytes;
    private long _lastOfStatement;
    private bool _callerUsed;
    private bool _drew;

    public TransactionEffects(CallerSession? caller)
    {
        _caller = caller;
        SetValues(caller?.Sequences ?? [], caller?.LastSequence ?? 0);
    }

    /// <summary>The session that sent the statements, if there is one.</summary>
    public CallerSession? Caller
    {
        get
        {
            _callerUsed = true;
            return _caller;
        }
    }

    /// <summary>The session as far as a replay needs it: null if no statement asked for it.</summary>
    public CallerSession? UsedCaller => _callerUsed ? _caller : null;

    /// <summary>The notifications in the order of sending, each once.</summary>
    public IReadOnlyList<Notification> Notifications => _notifications;

    /// <summary>The current state, to return to with <see cref="RollBackTo"/>.</summary>
    public EffectsMark Mark() => new(_notifications.Count);

    /// <summary>Forgets the effects after a mark that are undone with it.</summary>
    public void RollBackTo(EffectsMark mark)
    {
        for (var i = mark.Notifications; i < _notifications.Count; i++)
        {
            _sent!.Remove(_notifications[i]);
            _notificationBytes -= BytesOf(_notifications[i]);
        }

        _notifications.RemoveRange(mark.Notifications, _notifications.Count - mark.Notifications);
    }

    public void Notify(string channel, string payload)
    {
        var notification = new Notification(channel, payload, Caller?.ProcessId ?? 0);
        if (!(_sent ??= []).Add(notification))
        {
            return;
        }

        _notifications.Add(notification);
        _notificationBytes += BytesOf(notification);
        if (_notifications.Count > NotificationsMax || _notificationBytes > NotificationBytesMax)
        {
            throw new SqlFunctionException("54000", "too many notifications in one transaction");
        }
    }

    /// <summary>Effects for running the same statements again from the beginning.</summary>
    public TransactionEffects Anew() => new(_caller) { _callerUsed = _callerUsed };

    /// <summary>The sequence that the session has drawn from last; 0 for none.</summary>
    public long LastSequence { get; private set; }

    /// <summary>A statement that drew values was undone, so a replay cannot know what the session has.</summary>
    public bool Undrawn { get; private set; }

    /// <summary>The values that the session has drawn from a sequence, or null.</summary>
    public SequenceValue? Find(long sequence)
    {
        _callerUsed = true;
        return _values.TryGetValue(sequence, out var value) ? value : null;
    }

    /// <summary>All values that the session has drawn.</summary>
    public (IReadOnlyList<SequenceValue> Values, long Last) Values => (_values.Values.ToArray(), LastSequence);

    /// <summary>Notes that the session has drawn or set a value.</summary>
    public void Note(in SequenceValue value, bool drawn)
    {
        _values[value.Id] = value;
        _ofStatement[value.Id] = value;
        _drew = true;
        if (drawn)
        {
            LastSequence = _lastOfStatement = value.Id;
        }
    }

    public void SetValues(IReadOnlyList<SequenceValue> values, long last)
    {
        _values.Clear();
        foreach (var value in values)
        {
            _values[value.Id] = value;
        }

        LastSequence = last;
    }

    /// <summary>Takes over the session's values that a replay of its statements does not find again.</summary>
    public void KeepValuesOf(TransactionEffects former)
    {
        var (values, last) = former.Values;
        SetValues(values, last);
        (_drew, Undrawn) = (former._drew, former.Undrawn);
    }

    /// <summary>Notes that a statement was undone. The session keeps the values that it has drawn, as in PostgreSQL.</summary>
    public void NoteUndone() => Undrawn |= _drew;

    /// <summary>The effects of the statement that has just ended on its session, or null.</summary>
    public SessionEffects? TakeForSession()
    {
        if (_ofStatement.Count == 0)
        {
            return null;
        }

        var effects = new SessionEffects(_ofStatement.Values.ToArray(), _lastOfStatement);
        _ofStatement.Clear();
        _lastOfStatement = 0;
        return effects;
    }

    private static long BytesOf(in Notification notification) => 64 + (2L * (notification.Channel.Length + notification.Payload.Length));
}

/// <summary>The state of a transaction's effects at a savepoint.</summary>
internal readonly record struct EffectsMark(int Notifications);
