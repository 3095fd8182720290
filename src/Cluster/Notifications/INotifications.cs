using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>Notifications of committed transactions, as this node applies them: each once, in commit order.</summary>
public interface INotifications
{
    /// <summary>Delivers notifications of the channel to the receiver from now on, until the returned object is disposed.</summary>
    IDisposable Subscribe(string channel, INotificationReceiver receiver);
}

/// <summary>Receives notifications on the applier's thread: it must neither block nor throw.</summary>
public interface INotificationReceiver
{
    void Receive(in Notification notification);

    /// <summary>Called when this node has installed a copy of the database: it has missed the notifications of the entries that it skipped.</summary>
    void Missed();
}
