using System.Collections.Immutable;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>Hands the applier's notifications to the listeners on this node. It keeps none: the receivers have queues of their own.</summary>
internal sealed class NotificationHub : INotifications, IDisposable
{
    private readonly Database _storage;
    private readonly Lock _gate = new();

    // The applier reads this without the lock.
    private ImmutableDictionary<string, ImmutableArray<Subscription>> _channels = ImmutableDictionary.Create<string, ImmutableArray<Subscription>>(StringComparer.Ordinal);

    public NotificationHub(Database storage)
    {
        _storage = storage;
        storage.Notified += Deliver;
        storage.Replaced += TellMissed;
    }

    public IDisposable Subscribe(string channel, INotificationReceiver receiver)
    {
        var subscription = new Subscription(this, channel, receiver);
        lock (_gate)
        {
            var others = _channels.GetValueOrDefault(channel, []);
            Volatile.Write(ref _channels, _channels.SetItem(channel, others.Add(subscription)));
        }

        return subscription;
    }

    public void Dispose()
    {
        _storage.Notified -= Deliver;
        _storage.Replaced -= TellMissed;
    }

    private void Remove(Subscription subscription)
    {
        lock (_gate)
        {
            var left = _channels.GetValueOrDefault(subscription.Channel, []).Remove(subscription);
            Volatile.Write(
                ref _channels,
                left.IsEmpty ? _channels.Remove(subscription.Channel) : _channels.SetItem(subscription.Channel, left));
        }
    }

    private void Deliver(IReadOnlyList<Notification> notifications)
    {
        var channels = Volatile.Read(ref _channels);
        if (channels.IsEmpty)
        {
            return;
        }

        foreach (var notification in notifications)
        {
            foreach (var subscription in channels.GetValueOrDefault(notification.Channel, []))
            {
                subscription.Receiver.Receive(notification);
            }
        }
    }

    private void TellMissed()
    {
        foreach (var receiver in Volatile.Read(ref _channels).Values.SelectMany(s => s).Select(s => s.Receiver).Distinct())
        {
            receiver.Missed();
        }
    }

    private sealed class Subscription(NotificationHub hub, string channel, INotificationReceiver receiver) : IDisposable
    {
        public string Channel => channel;

        public INotificationReceiver Receiver => receiver;

        public void Dispose() => hub.Remove(this);
    }
}
