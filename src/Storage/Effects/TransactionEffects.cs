namespace Rqlite.Pg.Storage;

/// <summary>What the statements of one transaction (a command of an entry, or a rehearsal) have done so far besides rows.</summary>
internal sealed class TransactionEffects
{
    // The same on every node, since it decides whether a statement fails.
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

    /// <summary>What a replay has to know of the session.</summary>
    public CallerSession? UsedCaller => _callerUsed ? _caller : null;

    /// <summary>In the order of sending, each once.</summary>
    public IReadOnlyList<Notification> Notifications => _notifications;

    /// <summary>Where the transaction stands, for going back there.</summary>
    public EffectsMark Mark() => new(_notifications.Count);

    /// <summary>Forgets what came behind a mark and what is undone with it.</summary>
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
            throw new EffectException("54000", "too many notifications in one transaction");
        }
    }

    /// <summary>For running the same statements again from the beginning.</summary>
    public TransactionEffects Anew() => new(_caller) { _callerUsed = _callerUsed };

    /// <summary>The sequence that the session has drawn from last; 0 for none.</summary>
    public long LastSequence { get; private set; }

    /// <summary>A statement that drew values was undone, so a replay cannot know what the session has.</summary>
    public bool Undrawn { get; private set; }

    /// <summary>What the session has drawn from a sequence, or null.</summary>
    public SequenceValue? Find(long sequence)
    {
        _callerUsed = true;
        return _values.TryGetValue(sequence, out var value) ? value : null;
    }

    /// <summary>All that the session has drawn.</summary>
    public (IReadOnlyList<SequenceValue> Values, long Last) Values => (_values.Values.ToArray(), LastSequence);

    /// <summary>The session has drawn or set a value.</summary>
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

    /// <summary>Takes over what a session has that a replay of its statements does not find again.</summary>
    public void KeepValuesOf(TransactionEffects former)
    {
        var (values, last) = former.Values;
        SetValues(values, last);
        (_drew, Undrawn) = (former._drew, former.Undrawn);
    }

    /// <summary>A statement was undone. What its session has drawn it keeps, as in PostgreSQL.</summary>
    public void NoteUndone() => Undrawn |= _drew;

    /// <summary>What the statement that has just ended leaves with its session, or null.</summary>
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

/// <summary>Where a transaction stood.</summary>
internal readonly record struct EffectsMark(int Notifications);
