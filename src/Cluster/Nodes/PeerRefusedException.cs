namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>The other node answered the handshake with a refusal.</summary>
internal sealed class PeerRefusedException(string reason) : IOException(reason);
