namespace Rqlite.Pg.Storage;

/// <summary>What the statements of one transaction (a command of an entry, or a rehearsal) have done so far besides rows.</summary>
internal sealed class TransactionEffects(CallerSession? caller)
{
    // The same on every node, since it decides whether a statement fails.
    private const int NotificationsMax = 1 << 20;
    private const long NotificationBytesMax = 64 << 20;

    private readonly List<Notification> _notifications = [];
    private HashSet<Notification>? _sent;
    private long _notificationBytes;
    private bool _callerUsed;

    /// <summary>The session that sent the statements, if there is one.</summary>
    public CallerSession? Caller
    {
        get
        {
            _callerUsed = true;
            return caller;
        }
    }

    /// <summary>What a replay has to know of the session.</summary>
    public CallerSession? UsedCaller => _callerUsed ? caller : null;

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
    public TransactionEffects Anew() => new(caller) { _callerUsed = _callerUsed };

    /// <summary>What the statement that has just ended leaves with its session, or null.</summary>
    public SessionEffects? TakeForSession() => null;

    private static long BytesOf(in Notification notification) => 64 + (2L * (notification.Channel.Length + notification.Payload.Length));
}

/// <summary>Where a transaction stood.</summary>
internal readonly record struct EffectsMark(int Notifications);
