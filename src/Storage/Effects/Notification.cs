namespace Rqlite.Pg.Storage;

/// <summary>A message of a committed transaction to all who listen on its channel.</summary>
/// <param name="ProcessId">The sender's backend process id, as its own node gave it; 0 for a sender without a session.</param>
public readonly record struct Notification(string Channel, string Payload, int ProcessId);
