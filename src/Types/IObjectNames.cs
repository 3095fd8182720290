namespace Rqlite.Pg.Types;

/// <summary>What only a catalog knows: the names behind OIDs, for regclass, regtype and their like, and the types that are not built in.</summary>
public interface IObjectNames
{
    /// <summary>The OID of a name; null if there is no such object.</summary>
    /// <param name="type">The reg type's OID.</param>
    uint? Find(uint type, string name);

    /// <summary>The name of an object; null for an OID that names none.</summary>
    string? NameOf(uint type, uint oid);

    /// <summary>The built-in type in whose stored form the values of a type lie: for an enum text, for an array of enums text[].</summary>
    PgType CarrierOf(PgType type) => type;

    /// <summary>The element of an array type that is not built in.</summary>
    uint ElementOf(uint type) => 0;

    /// <summary>The length of a type's values as pg_type has it.</summary>
    short LengthOf(uint type) => PgTypes.LengthOf(type);

    /// <summary>Checks a value that a client has sent for a type that is not built in.</summary>
    /// <exception cref="TypeException">22P02: an enum has no such label.</exception>
    void Require(uint type, in Storage.SqliteValue value)
    {
    }
}
