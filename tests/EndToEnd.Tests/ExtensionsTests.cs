using System.Formats.Tar;
using System.IO.Compression;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>SQLite's loadable extensions, of which one is compiled here.</summary>
public sealed class ExtensionsTests : IDisposable
{
    private const string Source = """
        #include <sqlite3ext.h>
        SQLITE_EXTENSION_INIT1
        static void twice(sqlite3_context *c, int n, sqlite3_value **v) { sqlite3_result_int64(c, 2 * sqlite3_value_int64(v[0])); }
        int sqlite3_extension_init(sqlite3 *db, char **err, const sqlite3_api_routines *api) {
          SQLITE_EXTENSION_INIT2(api);
          return sqlite3_create_function(db, "twice", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, 0, twice, 0, 0);
        }
        """;

    private readonly TempFolder _folder = new();

    [CompilerFact]
    public async Task Functions_of_an_extension_are_there_on_all_nodes_in_whatever_form_it_is_given()
    {
        var library = await CompileAsync();
        var folder = Directory.CreateDirectory(_folder.Sub("folder")).FullName;
        File.Copy(library, Path.Combine(folder, "twice.so"));
        var zip = _folder.Sub("twice.zip");
        ZipFile.CreateFromDirectory(folder, zip);
        var tar = _folder.Sub("twice.tar.gz");
        await using (var packed = new GZipStream(File.Create(tar), CompressionLevel.Fastest))
        {
            await TarFile.CreateFromDirectoryAsync(folder, packed, includeBaseDirectory: false);
        }

        using var cluster = await TestCluster.StartAsync(3, ["-extensions-path", library]);
        (await cluster.Nodes[1].Api.ExecuteAsync("CREATE TABLE t(x)")).Result();
        (await cluster.Nodes[1].Api.ExecuteAsync("CREATE INDEX i ON t(twice(x))")).Result();
        foreach (var form in new[] { folder, zip, tar })
        {
            cluster.Options[1] = cluster.Options[1] with { Extra = ["-extensions-path", form] };
            await cluster.Nodes[1].TerminateAsync();
            await cluster.Restart(1).ReadyAsync();
            (await cluster.Nodes[1].Api.ExecuteAsync("INSERT INTO t VALUES(twice(21))")).Result();
            Assert.Equal("twice.so", (await cluster.Nodes[1].Api.GetAsync("/status?key=extensions.names")).Json[0].GetString());
        }

        foreach (var node in cluster.Nodes)
        {
            Assert.Equal(3, (await node.Api.QueryAsync("linearizable", "SELECT count(*) FROM t WHERE twice(x) = 84")).Scalar().GetInt64());
        }
    }

    [Fact]
    public async Task What_cannot_be_loaded_is_named()
    {
        var file = _folder.Sub("none.so");
        await File.WriteAllTextAsync(file, "no library");
        Assert.Contains($"-extensions-path: SQLite cannot load the extension '{file}'", await RefusalAsync(file), StringComparison.Ordinal);
        Assert.Contains("there is no '/no/such'", await RefusalAsync("/no/such"), StringComparison.Ordinal);
        Assert.Contains("names no file", await RefusalAsync(","), StringComparison.Ordinal);
        var zip = _folder.Sub("deep.zip");
        using (var archive = ZipFile.Open(zip, ZipArchiveMode.Create))
        {
            archive.CreateEntryFromFile(file, "../none.so");
        }

        Assert.Contains("../none.so cannot be unpacked", await RefusalAsync(zip), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.Sub("data") + "/none.so"));
        var broken = _folder.Sub("broken.zip");
        await File.WriteAllTextAsync(broken, "no archive");
        Assert.Contains("-extensions-path: ", await RefusalAsync(broken), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private async Task<string> RefusalAsync(string path)
    {
        var options = new NodeOptions { Id = "n1", Data = _folder.Sub("data"), Extra = ["-extensions-path", path] };
        var result = await NodeProcess.RunAsync([.. options.Arguments()]);
        Assert.True(result.ExitCode == 1, result.ToString());
        return result.Errors.Split("fatal: ")[1];
    }

    private async Task<string> CompileAsync()
    {
        var (source, library) = (_folder.Sub("twice.c"), _folder.Sub("twice.so"));
        await File.WriteAllTextAsync(source, Source);
        var start = new System.Diagnostics.ProcessStartInfo("gcc") { ArgumentList = { "-shared", "-fPIC", "-o", library, source }, RedirectStandardOutput = true, RedirectStandardError = true };
        var result = await CommandLine.RunAsync(start);
        Assert.True(result.ExitCode == 0, result.ToString());
        return library;
    }

    /// <summary>A test that needs a C compiler and SQLite's headers: skipped where they are not installed, unless REQUIRE_CLIENTS=1.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class CompilerFactAttribute : FactAttribute
    {
        public CompilerFactAttribute()
        {
            if (Environment.GetEnvironmentVariable("REQUIRE_CLIENTS") != "1" && (CommandLine.Find("gcc") is null || !File.Exists("/usr/include/sqlite3ext.h")))
            {
                Skip = "Not installed: gcc and SQLite's headers.";
            }
        }
    }
}
