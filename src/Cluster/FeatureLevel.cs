namespace Rqlite.Pg.Cluster;

/// <summary>
/// The meaning that a version of this program gives to the entries of the log, as a number. It is raised by every change after which two versions could make different rows of
/// one entry: of the functions and collations of either dialect, of the embedded time zones, of what statements and entries carry. Nodes of different
/// levels refuse each other.
/// </summary>
internal static class FeatureLevel
{
    public const int Current = 2;
}
