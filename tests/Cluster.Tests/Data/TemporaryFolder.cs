using Microsoft.Extensions.Logging.Abstractions;
using Rqlite.Pg.Storage;
using StorageDatabase = Rqlite.Pg.Storage.Database;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>A folder that goes away with the test, and the database opened in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("rqlite-pg-").FullName;

    public string Path => _path;

    public StorageDatabase Open() => StorageDatabase.Open(new StorageOptions { Directory = _path }, NullLoggerFactory.Instance);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
