namespace Rqlite.Pg.Dialect.Tests.Definitions;

/// <summary>A definition that fails on its way leaves nothing.</summary>
public class RollbackTests
{
    public static TheoryData<string> Scripts => RecordedScript.Names;

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task A_failure_after_any_step_leaves_schema_catalogs_and_rows_as_before(string script)
    {
        await using var database = new DefinitionDatabase();
        foreach (var (sql, _) in RecordedScript.Read(script))
        {
            Translation? translation = null;
            try
            {
                translation = await database.TranslateAsync(sql);
            }
            catch (Exception e) when (e is DialectException or Types.TypeException)
            {
            }

            if (translation is { Defines: true, Steps.Count: > 0 })
            {
                var before = await database.Database.ContentHashAsync(default);
                // The scripts of texts have many statements of few kinds.
                for (var steps = script is "queries" or "expressions" ? translation.Steps.Count : 1; steps <= translation.Steps.Count; steps++)
                {
                    Assert.NotNull(await database.FailAfterAsync(translation, steps));
                    Assert.True(before == await database.Database.ContentHashAsync(default), $"{sql}\nfailed after step {steps}: {translation.Steps[steps - 1].Sql}");
                }
            }

            await database.RunAsync(sql);
        }

        Assert.Equal(["ok"], await database.SqliteAsync("PRAGMA integrity_check"));
        Assert.Empty(await database.SqliteAsync("PRAGMA foreign_key_check"));
    }
}
