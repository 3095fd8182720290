using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>Reads the settings of the session that a statement comes from.</summary>
internal static class CallerSettings
{
    [ThreadStatic]
    private static (SessionSettings? Settings, FormatSettings Format) t_last;

    /// <summary>The settings by which values are read and written.</summary>
    public static FormatSettings FormatOf(SessionSettings? settings)
    {
        if (settings is null)
        {
            return FormatSettings.Default;
        }

        if (!ReferenceEquals(settings, t_last.Settings))
        {
            t_last = (settings, FormatSettings.Read(name => settings.Values[name]));
        }

        return t_last.Format;
    }
}
