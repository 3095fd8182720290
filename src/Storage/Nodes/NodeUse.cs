namespace Rqlite.Pg.Storage;

/// <summary>Whether a statement asks the node that it runs on, see <see cref="NodeSql"/>.</summary>
public enum NodeUse
{
    None,

    /// <summary>The statement asks the node and reads no table of the database.</summary>
    Only,

    /// <summary>The statement asks the node and reads the database too.</summary>
    WithTables,
}
