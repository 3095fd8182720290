using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>Notifications of committed transactions, as this node applies them: each once, in commit order.</summary>
public interface INotifications
{
    /// <summary>From now on the receiver is told what arrives on the channel, until the returned object is disposed.</summary>
    IDisposable Subscribe(string channel, INotificationReceiver receiver);
}

/// <summary>Is told of notifications on the applier's thread: it must neither block nor throw.</summary>
public interface INotificationReceiver
{
    void Receive(in Notification notification);

    /// <summary>This node took over a copy of the database: what was sent in the entries that it skipped is lost to it.</summary>
    void Missed();
}
