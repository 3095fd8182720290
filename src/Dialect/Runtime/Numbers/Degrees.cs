namespace Rqlite.Pg.Dialect.Runtime.Numbers;

/// <summary>
/// Trigonometric functions of degrees. They are scaled so that the angles whose values are simple fractions give these exactly: sind(30) is 0.5.
/// </summary>
internal static class Degrees
{
    public const double RadiansPerDegree = 0.0174532925199432957692;

    private static readonly double s_sin30 = Trigonometry.Sin(30 * RadiansPerDegree);
    private static readonly double s_oneMinusCos60 = 1 - Trigonometry.Cos(60 * RadiansPerDegree);
    private static readonly double s_asinHalf = Trigonometry.Asin(0.5);
    private static readonly double s_acosHalf = Trigonometry.Acos(0.5);
    private static readonly double s_atanOne = Trigonometry.Atan(1);
    private static readonly double s_tan45 = SinFirst(45) / CosFirst(45);
    private static readonly double s_cot45 = CosFirst(45) / SinFirst(45);

    public static double Sin(double degrees)
    {
        var (angle, sign) = FirstHalf(degrees);
        return sign * SinFirst(angle > 90 ? 180 - angle : angle);
    }

    public static double Cos(double degrees)
    {
        var (angle, _) = FirstHalf(degrees);
        return angle > 90 ? -CosFirst(180 - angle) : CosFirst(angle);
    }

    public static double Tan(double degrees)
    {
        var (angle, sign) = FirstHalf(degrees);
        if (angle > 90)
        {
            (angle, sign) = (180 - angle, -sign);
        }

        return WithoutMinusZero(sign * (SinFirst(angle) / CosFirst(angle) / s_tan45));
    }

    public static double Cot(double degrees)
    {
        var (angle, sign) = FirstHalf(degrees);
        if (angle > 90)
        {
            (angle, sign) = (180 - angle, -sign);
        }

        return WithoutMinusZero(sign * (CosFirst(angle) / SinFirst(angle) / s_cot45));
    }

    public static double Asin(double value) => value >= 0 ? AsinFirst(value) : -AsinFirst(-value);

    public static double Acos(double value) => value >= 0 ? AcosFirst(value) : 90 + AsinFirst(-value);

    public static double Atan(double value) => Trigonometry.Atan(value) / s_atanOne * 45;

    public static double Atan2(double y, double x) => Trigonometry.Atan2(y, x) / s_atanOne * 45;

    /// <summary>The angle's magnitude up to 180 degrees, and the sign of its sine.</summary>
    private static (double Angle, int Sign) FirstHalf(double degrees)
    {
        var angle = degrees % 360;
        var sign = 1;
        if (angle < 0)
        {
            (angle, sign) = (-angle, -1);
        }

        return angle > 180 ? (360 - angle, -sign) : (angle, sign);
    }

    private static double SinFirst(double angle) => angle <= 30 ? SinSmall(angle) : CosSmall(90 - angle);

    private static double CosFirst(double angle) => angle <= 60 ? CosSmall(angle) : SinSmall(90 - angle);

    private static double SinSmall(double angle) => Trigonometry.Sin(angle * RadiansPerDegree) / s_sin30 / 2;

    private static double CosSmall(double angle) => 1 - ((1 - Trigonometry.Cos(angle * RadiansPerDegree)) / s_oneMinusCos60 / 2);

    private static double AsinFirst(double value) =>
        value <= 0.5 ? Trigonometry.Asin(value) / s_asinHalf * 30 : 90 - (Trigonometry.Acos(value) / s_acosHalf * 60);

    private static double AcosFirst(double value) =>
        value <= 0.5 ? 90 - (Trigonometry.Asin(value) / s_asinHalf * 30) : Trigonometry.Acos(value) / s_acosHalf * 60;

    private static double WithoutMinusZero(double value) => value == 0 ? 0 : value;
}
