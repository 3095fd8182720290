namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>
/// Gives OIDs to objects that have none in the metadata: those that HTTP or earlier versions made. They follow from the names alone, so all nodes
/// give the same ones, also after a restart; an object that is renamed gets another one. The range is their own.
/// </summary>
internal sealed class ForeignOids
{
    private const uint Mask = MetadataSchema.FirstForeignOid - 1;

    private readonly HashSet<uint> _used = [];

    /// <summary>Called in the same order for the same schema: of two names with one hash the second gets the next number.</summary>
    /// <param name="kind">What the name names; two kinds are told apart.</param>
    public uint Of(char kind, string name, string part = "")
    {
        var hash = 2166136261;
        Mix(ref hash, kind);
        foreach (var c in name)
        {
            Mix(ref hash, c);
        }

        Mix(ref hash, '\0');
        foreach (var c in part)
        {
            Mix(ref hash, c);
        }

        while (!_used.Add(hash & Mask))
        {
            hash++;
        }

        return MetadataSchema.FirstForeignOid + (hash & Mask);
    }

    // FNV-1a over the bytes of UTF-16.
    private static void Mix(ref uint hash, char c)
    {
        hash = (hash ^ (byte)c) * 16777619;
        hash = (hash ^ (byte)(c >> 8)) * 16777619;
    }
}
