using System.Diagnostics;

namespace Rqlite.Pg.Harness;

/// <summary>Finds the server built together with the running tests.</summary>
public static class Binaries
{
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>The build's configuration, "release" or "debug", taken from the tests' own folder.</summary>
    public static string Configuration { get; } = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));

    /// <summary>The variable of the environment that names another rqlited.</summary>
    public const string RqlitedVariable = "RQLITED";

    public static ProcessStartInfo Rqlited() => Program(RqlitedVariable, "Host", "rqlited");

    public static ProcessStartInfo Shell() => Program("RQLITE", "Shell", "rqlite");

    /// <summary>The program that misuses nodes.</summary>
    public static ProcessStartInfo Abuse(params string[] arguments)
    {
        var start = Program("ABUSE", "Abuse", "Rqlite.Pg.Abuse");
        Array.ForEach(arguments, start.ArgumentList.Add);
        return start;
    }

    private static ProcessStartInfo Program(string variable, string project, string name)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } given)
        {
            return new ProcessStartInfo(given);
        }

        var folder = Path.Combine(RepositoryRoot, "artifacts", "bin", project, Configuration);
        var program = Path.Combine(folder, name);
        if (File.Exists(program))
        {
            return new ProcessStartInfo(program);
        }

        var library = Path.Combine(folder, name + ".dll");
        return File.Exists(library)
            ? new ProcessStartInfo("dotnet") { ArgumentList = { library } }
            : throw new FileNotFoundException($"Build {project} first, in the configuration of the tests: {program} is not there.");
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Rqlite.Pg.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("The tests do not lie in the repository's build output.");
    }
}
