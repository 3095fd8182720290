namespace Rqlite.Pg.Types;

/// <summary>The names behind OIDs, which only a catalog knows: for regclass, regtype and their like.</summary>
public interface IObjectNames
{
    /// <summary>The OID of a name; null if there is no such object.</summary>
    /// <param name="type">The reg type's OID.</param>
    uint? Find(uint type, string name);

    /// <summary>The name of an object; null for an OID that names none.</summary>
    string? NameOf(uint type, uint oid);
}
