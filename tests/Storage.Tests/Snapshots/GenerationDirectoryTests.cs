namespace Rqlite.Pg.Storage.Tests;

public sealed class GenerationDirectoryTests
{
    [Fact]
    public async Task An_empty_folder_becomes_the_first_generation()
    {
        using var directory = new TemporaryDirectory();
        await using (var database = Workload.Open(directory.Path))
        {
            Assert.Equal(0, database.AppliedIndex);
            Assert.Equal((0L, 0L), database.CopyBase);
        }

        Assert.StartsWith("g1 ", await File.ReadAllTextAsync(directory.Below("CURRENT")), StringComparison.Ordinal);
        Assert.True(File.Exists(directory.Below("g1/db.sqlite")));
    }

    [Fact]
    public async Task Leftovers_of_a_crash_are_removed_and_other_files_are_left_alone()
    {
        using var directory = new TemporaryDirectory();
        await using (var database = Workload.Open(directory.Path))
        {
            Workload.Apply(database, 1, 5);
        }

        Directory.CreateDirectory(directory.Below("g2"));
        await File.WriteAllTextAsync(directory.Below("g2/db.sqlite"), "half");
        Directory.CreateDirectory(directory.Below("in-0123"));
        await File.WriteAllTextAsync(directory.Below("CURRENT.new"), "g2 ");
        Directory.CreateDirectory(directory.Below("golden"));

        Assert.Equal(5, await Workload.CheckClosedAsync(directory.Path));
        Assert.False(Directory.Exists(directory.Below("g2")));
        Assert.False(Directory.Exists(directory.Below("in-0123")));
        Assert.False(File.Exists(directory.Below("CURRENT.new")));
        Assert.True(Directory.Exists(directory.Below("golden")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("g1")]
    [InlineData("g2 00000000\n")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0")]
    public async Task A_damaged_CURRENT_is_refused_and_nothing_is_deleted(string content)
    {
        using var directory = new TemporaryDirectory();
        await using (var database = Workload.Open(directory.Path))
        {
            Workload.Apply(database, 1, 5);
        }

        var before = await File.ReadAllTextAsync(directory.Below("CURRENT"));
        await File.WriteAllTextAsync(directory.Below("CURRENT"), content);
        var failure = Assert.Throws<StorageException>(() => Workload.Open(directory.Path));
        Assert.Contains("CURRENT' is damaged", failure.Message, StringComparison.Ordinal);

        await File.WriteAllTextAsync(directory.Below("CURRENT"), before);
        Assert.Equal(5, await Workload.CheckClosedAsync(directory.Path));
    }

    [Fact]
    public async Task A_missing_CURRENT_beside_a_database_with_content_is_refused_and_nothing_is_deleted()
    {
        using var directory = new TemporaryDirectory();
        await using (var database = Workload.Open(directory.Path))
        {
            Workload.Apply(database, 1, 5);
        }

        var before = await File.ReadAllTextAsync(directory.Below("CURRENT"));
        File.Delete(directory.Below("CURRENT"));
        var failure = Assert.Throws<StorageException>(() => Workload.Open(directory.Path));
        Assert.Contains("CURRENT' is missing", failure.Message, StringComparison.Ordinal);

        await File.WriteAllTextAsync(directory.Below("CURRENT"), before);
        Assert.Equal(5, await Workload.CheckClosedAsync(directory.Path));
    }

    [Fact]
    public async Task A_missing_database_is_refused_and_none_is_created()
    {
        using var directory = new TemporaryDirectory();
        await using (var database = Workload.Open(directory.Path))
        {
            Workload.Apply(database, 1, 5);
        }

        File.Delete(directory.Below("g1/db.sqlite"));
        var failure = Assert.Throws<StorageException>(() => Workload.Open(directory.Path));
        Assert.Contains("is missing", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(directory.Below("g1/db.sqlite")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(4096)]
    public async Task A_main_file_cut_short_is_refused(int length)
    {
        using var directory = new TemporaryDirectory();
        await using (var database = Workload.Open(directory.Path))
        {
            Workload.Apply(database, 1, 5);
        }

        using (var file = new FileStream(directory.Below("g1/db.sqlite"), FileMode.Open))
        {
            file.SetLength(length);
        }

        Assert.Throws<StorageException>(() => Workload.Open(directory.Path));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused()
    {
        using var directory = new TemporaryDirectory();
        await using (var database = Workload.Open(directory.Path))
        {
            Workload.Apply(database, 1, 5);
        }

        await File.WriteAllBytesAsync(directory.Below("g1/db.sqlite"), new byte[8192].Select((_, i) => (byte)i).ToArray());
        Assert.Throws<StorageException>(() => Workload.Open(directory.Path));
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused_by_name()
    {
        using var directory = new TemporaryDirectory();
        await using (var database = Workload.Open(directory.Path))
        {
            Workload.Apply(database, 1, 5);
        }

        var settings = new StorageOptions { Directory = directory.Path };
        using (var connection = Connection.Open(directory.Below("g1/db.sqlite"), settings, writer: true, clock: null))
        {
            connection.Execute("UPDATE _rqlite_meta SET format = format + 1");
        }

        var failure = Assert.Throws<StorageException>(() => Workload.Open(directory.Path));
        Assert.Contains("written by a newer version", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Why a database is never replaced by putting a new main file in its place.</summary>
    [Fact]
    public async Task A_new_main_file_under_an_old_WAL_shows_old_rows_and_says_ok()
    {
        using var directory = new TemporaryDirectory();
        await using var newer = Workload.Open(directory.Below("newer"));
        Workload.Apply(newer, 1, 30);
        await using (var older = Workload.Open(directory.Below("older")))
        {
            Workload.Apply(older, 1, 10);
            Directory.CreateDirectory(directory.Below("mixed"));
            File.Copy(directory.Below("older/g1/db.sqlite-wal"), directory.Below("mixed/db.sqlite-wal"));
        }

        await newer.DisposeAsync();
        File.Copy(directory.Below("newer/g1/db.sqlite"), directory.Below("mixed/db.sqlite"));
        var settings = new StorageOptions { Directory = directory.Path };
        using var connection = Connection.Open(directory.Below("mixed/db.sqlite"), settings, writer: true, clock: null);
        Assert.Equal(10, connection.ScalarInteger("SELECT n FROM total"));
    }
}
